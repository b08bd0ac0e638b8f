#include "app/accounts/password_rules.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/utf8.h"

/// Lists of passwords that are tried first hold, for the most part, a few hundred words with
/// digits behind them. So a password is brought back to its word: small letters, digits that stand
/// for letters read as those, what is no letter at the ends taken away. Then it is looked up.
///
/// Tested by password_rules_test.cc.
namespace katip::app {
namespace {

/// Words that make a password weak when nothing but digits and signs stands around them.
constexpr auto kWords = std::to_array<std::string_view>(
    {"aaaa",          "abcd",       "abcde",         "abcdef",      "abcdefg",    "abcdefgh",
     "access",        "admin",      "administrator", "adobe",       "alexander",  "amanda",
     "america",       "andrew",     "angel",         "anthony",     "apple",      "arsenal",
     "asdf",          "asdfg",      "asdfgh",        "asdfghj",     "asdfghjk",   "asdfghjkl",
     "ashley",        "asshole",    "austin",        "baby",        "babygirl",   "bailey",
     "banana",        "barcelona",  "baseball",      "basketball",  "batman",     "beautiful",
     "biteme",        "blink",      "bond",          "bigdick",     "blahblah",   "butterfly",
     "california",    "camaro",     "carlos",        "changeme",    "charlie",    "cheese",
     "chelsea",       "chicken",    "chocolate",     "chris",       "christian",  "christmas",
     "cocacola",      "computer",   "cookie",        "corvette",    "cowboy",     "cowboys",
     "daniel",        "danielle",   "default",       "diamond",     "dolphin",    "dragon",
     "eagle",         "einstein",   "elephant",      "elizabeth",   "eminem",     "explorer",
     "family",        "ferrari",    "fishing",       "flower",      "football",   "forever",
     "freedom",       "friend",     "friends",       "fuckme",      "fuckoff",    "fuckyou",
     "gandalf",       "garfield",   "george",        "ginger",      "godzilla",   "golden",
     "goldfish",      "google",     "gregory",       "guest",       "guitar",     "hannah",
     "hardcore",      "harley",     "heather",       "hello",       "hellokitty", "hockey",
     "hunter",        "iceman",     "iloveme",       "iloveyou",    "infinity",   "internet",
     "jackson",       "jasmine",    "jennifer",      "jessica",     "jesus",      "johnson",
     "jonathan",      "jordan",     "joshua",        "justin",      "killer",     "kimberly",
     "lakers",        "letmein",    "letmeinnow",    "liverpool",   "login",      "london",
     "lovely",        "loveme",     "lover",         "loveyou",     "maggie",     "magic",
     "marina",        "marlboro",   "martin",        "master",      "matrix",     "matthew",
     "maverick",      "mercedes",   "merlin",        "metallica",   "michael",    "michelle",
     "michigan",      "mickey",     "midnight",      "monkey",      "monster",    "mother",
     "mountain",      "mustang",    "mypassword",    "naruto",      "nascar",     "nicholas",
     "nicole",        "ninja",      "nirvana",       "nothing",     "oliver",     "orange",
     "package",       "panther",    "pass",          "passport",    "passw",      "password",
     "passwort",      "patrick",    "peanut",        "pepper",      "phoenix",    "player",
     "please",        "pokemon",    "police",        "porsche",     "princess",   "private",
     "purple",        "pussy",      "qazwsx",        "qazwsxedc",   "qqqq",       "qwer",
     "qwert",         "qwerty",     "qwertyu",       "qwertyui",    "qwertyuiop", "rabbit",
     "rachel",        "raiders",    "rainbow",       "ranger",      "redsox",     "richard",
     "robert",        "rockstar",   "root",          "rosebud",     "runescape",  "samantha",
     "samsung",       "scooby",     "scooter",       "scorpio",     "scorpion",   "secret",
     "security",      "service",    "server",        "shadow",      "silver",     "slipknot",
     "snoopy",        "soccer",     "softball",      "spiderman",   "squirtle",   "starwars",
     "steelers",      "stephanie",  "steven",        "success",     "summer",     "sunshine",
     "superman",      "superstar",  "support",       "sweet",       "swordfish",  "taylor",
     "tennis",        "test",       "tester",        "testing",     "thomas",     "thunder",
     "tiffany",       "tigers",     "tigger",        "topgun",      "trinity",    "trustno",
     "trustnoone",    "turtle",     "unknown",       "user",        "username",   "vanessa",
     "veronica",      "victoria",   "viking",        "voodoo",      "welcome",    "whatever",
     "william",       "winner",     "winston",       "winter",      "wizard",     "xxxx",
     "yamaha",        "yankees",    "yellow",        "zaq",         "zxcv",       "zxcvb",
     "zxcvbn",        "zxcvbnm",    "katip",         "whisper",     "transcribe", "anahtar",
     "ankara",        "askim",      "askimm",        "atatürk",     "ataturk",    "besiktas",
     "beşiktaş",      "bjk",        "bursaspor",     "canim",       "deneme",     "ankaragucu",
     "fener",         "fenerbahce", "fenerbahçe",    "galatasaray", "gizli",      "istanbul",
     "izmir",         "karakartal", "kullanici",     "merhaba",     "mustafa",    "parola",
     "seniseviyorum", "sevgilim",   "sifre",         "şifre",       "sifrem",     "trabzon",
     "trabzonspor",   "turkiye",    "türkiye",       "yonetici",    "cimbom"});

/// Rows that a finger follows, and the alphabet: any stretch of one, or several of them.
constexpr std::array<std::string_view, 11> kRows = {"01234567890123456789",
                                                    "98765432109876543210",
                                                    "abcdefghijklmnopqrstuvwxyz",
                                                    "zyxwvutsrqponmlkjihgfedcba",
                                                    "qwertyuiop",
                                                    "asdfghjkl",
                                                    "zxcvbnm",
                                                    "poiuytrewq",
                                                    "lkjhgfdsa",
                                                    "mnbvcxz",
                                                    "1q2w3e4r5t6y7u8i9o0p"};

std::string small_letters(std::string_view text) {
  std::string small;
  for (const char c : text) small += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return small;
}

/// "p4$$w0rd" -> "password".
std::string without_swaps(std::string_view text) {
  constexpr std::string_view kFrom = "0134578@$!+";
  constexpr std::string_view kTo = "oieastbasit";
  std::string plain;
  for (const char c : text) {
    const std::size_t place = kFrom.find(c);
    plain += place == kFrom.npos ? c : kTo[place];
  }
  return plain;
}

bool is_filler(char c) {
  const bool is_letter = (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
  return !is_letter;
}

std::string_view without_ends(std::string_view text) {
  while (!text.empty() && is_filler(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_filler(text.back())) text.remove_suffix(1);
  return text;
}

bool is_word(std::string_view text) { return std::ranges::find(kWords, text) != kWords.end(); }

/// "letmein" twice, "abcabcabc": a short piece again and again.
std::string_view without_repeats(std::string_view text) {
  for (std::size_t size = 1; size <= text.size() / 2; ++size) {
    if (text.size() % size != 0) continue;
    bool repeats = true;
    for (std::size_t i = size; i < text.size() && repeats; ++i) repeats = text[i] == text[i - size];
    if (repeats) return text.substr(0, size);
  }
  return text;
}

/// Cut greedily into stretches of rows: at least three characters each.
bool is_made_of_rows(std::string_view text) {
  constexpr std::size_t kStretchMin = 3;
  while (!text.empty()) {
    std::size_t longest = 0;
    for (const std::string_view row : kRows) {
      std::size_t size = std::min(text.size(), row.size());
      while (size > longest && !row.contains(text.substr(0, size))) --size;
      longest = std::max(longest, size);
    }
    const std::size_t same = std::min(text.find_first_not_of(text.front()), text.size());
    longest = std::max(longest, same);
    if (longest < kStretchMin) return false;
    text.remove_prefix(longest);
  }
  return true;
}

bool is_common(std::string_view password) {
  const std::string small = small_letters(password);
  const std::string_view once = without_repeats(small);
  const std::string plain = without_swaps(without_ends(once));
  const std::string swapped = without_swaps(once);
  // Only digits and signs: dates and telephone numbers, of which there are few.
  const bool has_no_letters = std::ranges::all_of(small, is_filler);
  return once.size() <= 3 || is_word(without_ends(once)) || is_word(plain) ||
         is_word(without_ends(swapped)) || is_made_of_rows(once) ||
         (has_no_letters && small.size() < 12);
}

}  // namespace

Status check_password(const Secret& password, std::string_view login) {
  const std::string& text = password.reveal();
  if (text.size() > kPasswordSizeMax) {
    return fail(ErrorCode::kInvalidArgument, "a password has at most 1,024 bytes");
  }
  if (!is_utf8(text) || text.contains('\0')) {
    return fail(ErrorCode::kInvalidArgument, "a password is text in UTF-8");
  }
  if (character_count(text) < kPasswordLengthMin) {
    return fail(ErrorCode::kInvalidArgument,
                "a password has at least 8 characters; a few words in a row are easy to remember");
  }
  const std::string small = small_letters(text);
  const bool is_login = !login.empty() && without_ends(small) == without_ends(login);
  if (is_login || is_common(text)) {
    return fail(ErrorCode::kInvalidArgument,
                "this password is one of those that are tried first; take another one, a few words "
                "in a row for example");
  }
  return {};
}

}  // namespace katip::app
