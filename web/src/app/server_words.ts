import { language } from "../i18n/language.ts";

/**
 * The server speaks English. What people meet most of it, in Turkish; {} stands for what varies. A
 * test looks for each of them in the sources of the server.
 */
export const told: [english: string, turkish: string][] = [
  // Recordings.
  [
    "this is not audio or video that can be read, or its beginning is damaged",
    "bu, okunabilen bir ses ya da video değil ya da başı bozuk",
  ],
  [
    "the index (moov atom) is missing: the recording was not finished or the file is cut off; copy it again from its source",
    "dizini (moov atom) eksik: kayıt bitirilmemiş ya da dosya yarım kalmış; kaynağından yeniden kopyalayın",
  ],
  [
    "the input is empty (0 bytes); did the program that should write it fail?",
    "dosya boş (0 bayt); onu yazacak program başarısız mı oldu?",
  ],
  ["there is no audio track in this video", "bu videoda ses yok"],
  ["there is no audio track in this file", "bu dosyada ses yok"],
  ["the sound is longer than the limit of {}", "ses, izin verilen süreden uzun: {}"],
  ["decoding needs more memory than is allowed", "çözmek için izin verilenden çok bellek gerekiyor"],
  ["the recording of this job is no longer there", "bu işin kaydı artık yok"],
  [
    "how to do this job is no longer known; submit the recording again",
    "bu işin nasıl yapılacağı artık bilinmiyor; kaydı yeniden gönderin",
  ],
  ["the job is being tried again already", "iş zaten yeniden deneniyor"],
  ["the job has not ended: it is {}", "iş bitmedi: {}"],
  // Addresses.
  [
    "{} is no public address with port 80 or 443, and is not connected to; an administrator can allow it in `outgoing.allow`",
    "{}, 80 ya da 443 kapısıyla herkese açık bir adres değil, bağlanılmaz; bir yönetici `outgoing.allow` ile izin verebilir",
  ],
  [
    "{} does not lead to public addresses with port 80 or 443 only, and is not connected to; an administrator can allow it in `outgoing.allow`",
    "{}, yalnız 80 ya da 443 kapısıyla herkese açık adreslere götürmüyor, bağlanılmaz; bir yönetici `outgoing.allow` ile izin verebilir",
  ],
  [
    "the port {} is neither 80 nor 443; an administrator can allow it in `outgoing.allow`",
    "{} kapısı 80 ya da 443 değil; bir yönetici `outgoing.allow` ile izin verebilir",
  ],
  ["{} has no usable address", "{} için kullanılabilir adres yok"],
  ["{} answered {} (not there)", "{} yanıtı: {} (orada yok)"],
  ["{} answered {} (access refused)", "{} yanıtı: {} (erişim verilmedi)"],
  ["cannot reach {} (", "{} adresine ulaşılamıyor ("],
  ["no answer from {} in time (", "{} zamanında yanıt vermedi ("],
  [
    "an address with a user name or password in it is not accepted",
    "içinde kullanıcı adı ya da parola olan adres kabul edilmez",
  ],
  // Room.
  [
    "the disk has {} left, of which {} stay free (uploads.free_mb_min): delete recordings, or ask the operator for room",
    "diskte {} kaldı, bunun {} kadarı boş kalmalı (uploads.free_mb_min): kayıt silin ya da işletmenden yer isteyin",
  ],
  [
    "your uploads hold {} of the {} that an owner may have (uploads.quota_mb): make jobs of them, or delete some",
    "yüklemeleriniz {} tutuyor, en çok {} olabilir (uploads.quota_mb): onları yazıya dökün ya da bazılarını silin",
  ],
  // People, keys, webhooks.
  ["the login {} is taken", "{} giriş adı alınmış"],
  [
    "{} is the last administrator who can log in; make another one first: katip user create NAME --role admin",
    "{} girebilen son yönetici; önce bir yönetici daha oluşturun: katip user create AD --role admin",
  ],
  [
    "the first user has to be an administrator, who can make the others",
    "ilk kullanıcı yönetici olmalı; ötekileri o oluşturur",
  ],
  [
    "a password has at least 8 characters; a few words in a row are easy to remember",
    "parola en az 8 karakter olur; art arda birkaç sözcük kolay hatırlanır",
  ],
  [
    "this password is one of those that are tried first; take another one, a few words in a row for example",
    "bu, ilk denenen parolalardan biri; başka bir tane seçin, örneğin art arda birkaç sözcük",
  ],
  ["the old password is wrong", "eski parola yanlış"],
  ["expires_at has to be later than now", "son geçerlilik şimdiden sonra olmalı"],
  ["you may not give a key these scopes: {}", "anahtara şu izinleri veremezsiniz: {}"],
  [
    "only who sees everybody's records can be told of them",
    "herkesin kayıtlarından yalnız onları görebilen haberdar edilebilir",
  ],
  // How the installation is.
  ["the database does not answer", "veritabanı yanıt vermiyor"],
  ["no worker runs: start `katip worker`", "çalışan işçi yok: `katip worker` başlatın"],
  [
    "tasks wait and every worker is idle: see the log of the workers, then restart them",
    "görevler bekliyor, işçilerin hepsi boşta: işçilerin günlüğüne bakın, sonra onları yeniden başlatın",
  ],
  ["less than 500 MB are left", "500 MB'tan az yer kaldı"],
  ["the schema was changed since this server began: restart it", "şema, bu sunucu başladıktan sonra değişti: yeniden başlatın"],
  ["no backup was verified for 26 hours", "26 saattir kanıtlanan yedek yok"],
  // The calendar.
  [
    "the configuration has a schedule of this name: change it there",
    "yapılandırmada bu adda bir zamanlama var: onu orada değiştirin",
  ],
  [
    "the configuration has this schedule: switch it off here, or take it out there",
    "bu zamanlama yapılandırmada: burada kapatın ya da oradan çıkarın",
  ],
  // The lexicon.
  ["`{}` is there already", "`{}` zaten var"],
  ["at most {} terms are imported at once", "bir kerede en çok {} terim getirilir"],
];

const special = /[\\^$.*+?()[\]{}|]/g;
const patterns = told.map(([english, turkish]) => ({
  pattern: new RegExp(english.split("{}").map((part) => part.replace(special, "\\$&")).join("(.+?)") +
    (english.endsWith("{}") ? "$" : "")),
  turkish,
}));

/** The message in the language of the app; null when it is none of these, and stays as it is. */
export function inLanguage(message: string): string | null {
  for (const { pattern, turkish } of patterns) {
    const found = pattern.exec(message);
    if (!found) continue;
    if (language.value !== "tr") return message;
    let at = 0;
    const said = turkish.replace(/\{\}/g, () => found[(at += 1)] ?? "");
    return message.slice(0, found.index) + said + message.slice(found.index + found[0].length);
  }
  return null;
}

/** The same, and the server's own words where there are no others. */
export const said = (message: string): string => inLanguage(message) ?? message;
