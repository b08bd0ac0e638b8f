#!/usr/bin/env python3
"""Writes what Hugging Face's `tokenizers` makes of many texts, for whisper_tokenizer_test.cc.

Usage: make_golden.py MODEL_DIR OUTPUT.json      (needs: pip install tokenizers)

MODEL_DIR holds a tokenizer.json. The output is a list of [text, [token, ...]].
"""

import json
import pathlib
import random
import sys

import tokenizers

SAMPLES = [
    "",
    " ",
    "Hello, world!",
    " And so, my fellow Americans: ask not what your country can do for you.",
    # Contractions are cut off in lower case only, and from anything.
    "I'm sure they've said it's what we'd do, isn't it? You'll see, they're here.",
    "I'M SURE IT'S 'tis 'em 's 'S ''s '' it's's o'clock 'llama 'rest 'verb",
    "can't won’t it’s (don't) \"I'd\" 3's 3'd é's",
    # Numbers: runs of digits of any script, with separators outside.
    "In 1984, 3.14159 and 1,000,000.00 € or 12:30:45; 50% of 2²³ is ½ or Ⅷ.",
    "٠١٢٣٤٥٦٧٨٩ ०१२३४५६७८९ ๐๑๒๓ 一二三 ①②③ 007 0x1F 1e-9 +49 (0)89 123456",
    # Turkish: İ and ı must not be folded into I and i.
    "İstanbul'da ışıklar söndü; IĞDIR, ığdır, İIıi. Türkiye'nin şairleri çağırıyor.",
    "Yağmurlu bir gün Kızılay'dan Çankaya'ya yürüdük, değil mi? Evet, üşüdüm!",
    "KADIKÖY’ÜN ÇOCUKLARI ŞÖYLE DEDİLER: “Hoşça kal.”",
    # German.
    "Die größten Übel sind Maße und Straßen; Öl, Ärger, ẞ, ß. Grüße aus Köln!",
    "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
    # French, Spanish, Portuguese, Italian, Polish, Czech, Vietnamese.
    "Qu’est-ce que c’est ? L'œuvre naïve, garçon ! « Où ça ? » Noël à Français.",
    "¿Dónde está el niño? ¡Mañana, señor! Coração, avó, pão. Perché? Città.",
    "Zażółć gęślą jaźń. Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "Tiếng Việt có nhiều dấu: ắ, ằ, ẳ, ẵ, ặ; Nguyễn Thị Minh Khai.",
    # Combining marks are neither letters nor numbers.
    "e\u0301te\u0301 n\u0303 I\u0307stanbul a\u0308o\u0308u\u0308 Z\u0351\u036ba\u0343l\u0334go",
    # Cyrillic, Greek, Hebrew, Arabic with and without marks.
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Ἐν ἀρχῇ ἦν ὁ λόγος",
    "שלום עולם! בְּרֵאשִׁית בָּרָא אֱלֹהִים",
    "السلام عليكم ورحمة الله وبركاته. كَتَبَ الوَلَدُ الدَّرْسَ، أليس كذلك؟ ـــ",
    # Hindi, Bengali, Tamil, Thai, Lao, Khmer, Burmese, Tibetan, Georgian, Armenian, Amharic.
    "नमस्ते दुनिया, आप कैसे हैं? क्षत्रिय ज्ञान श्री।",
    "আমি বাংলায় গান গাই। வணக்கம் உலகம்",
    "สวัสดีชาวโลก วันนี้อากาศดีมาก ๆ ฯลฯ กรุงเทพมหานคร",
    "ສະບາຍດີ ភាសាខ្មែរ မြန်မာဘာသာ བོད་སྐད་ ქართული Հայերեն አማርኛ",
    # Japanese, Korean, Chinese, full-width forms.
    "こんにちは、世界！今日はいい天気ですね。カタカナとひらがな、漢字。ーー「はい」",
    "안녕하세요 세계! 오늘 날씨가 좋네요. ㅋㅋㅋ ㅠㅠ 한글",
    "你好，世界！今天天氣很好。這是「繁體」，那是“简体”。𠮷野家",
    "ＦＵＬＬ　ＷＩＤＴＨ　１２３！？　ﾊﾝｶｸ",
    # Emoji: joined, with skin tones, flags, keycaps.
    "👍🏽 👨‍👩‍👧‍👦 🇹🇷🇩🇪 ❤️ 1️⃣ 😀😀 ☕️🎉!! ♪♪ ♫ (music) [applause]",
    # White space of every kind.
    "a  b   c    d",
    "  leading and trailing  ",
    "line\nbreak\n\nparagraph\r\nwindows\r\n\r\n\ttab\t\tfin \n ",
    "no\u00a0break\u00a0\u00a0space\u3000ideographic\u2003em\u2009thin\u200bzero\u2028line\u2029par",
    "\u0085next\u0085 line \u000bvt\u000c ff\u001c fs \u001d\u001e\u001f us\u180e mvs\ufeffbom",
    " \n \t x \n",
    "   !!! ...   ??",
    # Punctuation runs, code, addresses, markup.
    "Wait... what?! -- no --- (really) [yes] {ok} <tag/> \"quoted\" 'single' ‘’ “” «»",
    "https://example.org/path?q=1&x=%20#top user@example.com C:\\dir\\file.txt $HOME/~",
    "for (int i = 0; i < 10; ++i) { sum += a[i] * 0.5f; } // end\n\treturn sum;",
    "<|en|><|transcribe|> hello <|endoftext|> <|startofprev|>",
    "snake_case camelCase SCREAMING_CASE kebab-case ___ __init__ a_b",
    "\x00\x01\x02\x7f\x80 control",
    "a" * 70 + " " + "ab" * 30 + " " + "!" * 40 + " " + "1" * 33 + " " * 40,
]

ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "0123456789",
    "'''''stremvld",
    " \t\n\u00a0\u3000",
    "      ",
    ".,;:!?-_/\\()[]{}<>@#$%^&*+=~`|\"'",
    "çğıİöşüÇĞIÖŞÜâîû",
    "äöüßÄÖÜẞ",
    "あいうえおアイウエオ漢字日本語、。",
    "가나다라마바사한국어",
    "ابتثجحخدَُِّْ،؟",
    "कखगघङािीुू्ं।",
    "กขคงจัาิีึื่้",
    "абвгдежзийклмн",
    "😀👍🏽❤\ufe0f\u200d👨🇹🇷♪♫",
    "½²Ⅷ٣०๓①",
    "\u0301\u0308\u0327\u0000\u007f\u0085\u200b\u2028",
]


def random_text(rng):
    """Short runs out of several alphabets, as no language mixes them."""
    text = ""
    for _ in range(rng.randint(1, 8)):
        alphabet = rng.choice(ALPHABETS)
        text += "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 5)))
    return text


def main():
    model_dir, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    random_count = int(sys.argv[3]) if len(sys.argv) > 3 else 150
    tokenizer = tokenizers.Tokenizer.from_file(str(model_dir / "tokenizer.json"))
    # Special tokens spelled out are plain text to the engine. (Timestamps are not special in some
    # files, so none of the samples spells one.)
    tokenizer.encode_special_tokens = True
    rng = random.Random(20240229)
    texts = SAMPLES + [random_text(rng) for _ in range(random_count)]
    lines = []
    for text in texts:
        tokens = tokenizer.encode(text, add_special_tokens=False).ids
        lines.append(json.dumps([text, tokens], separators=(",", ":")))
    output.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


main()
