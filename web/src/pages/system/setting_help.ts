import { language } from "../../i18n/language.ts";

/**
 * What the server says of its settings, in English, and the same in Turkish. A test compares the left side with
 * docs/configuration.md, so that none is missing and none is of before.
 */
export const told: [english: string, turkish: string][] = [
  // storage
  [
    "folder of everything katip keeps; empty: ~/.local/share/katip",
    "katip'in sakladığı her şeyin klasörü; boş: ~/.local/share/katip",
  ],
  ["folder of the models; empty: models in the data folder", "modellerin klasörü; boş: veri klasöründeki models"],
  [
    "bucket of S3 for recordings: s3://BUCKET or s3://BUCKET/PREFIX; empty: the data folder",
    "kayıtlar için S3 kovası: s3://KOVA ya da s3://KOVA/ÖNEK; boş: veri klasörü",
  ],
  [
    "S3 server, as https://HOST:PORT or HOST:PORT; empty: that of Amazon in the region",
    "S3 sunucusu, https://SUNUCU:KAPI ya da SUNUCU:KAPI olarak; boş: Amazon'un bölgedeki sunucusu",
  ],
  [
    "speak TLS with an S3 server whose endpoint does not say",
    "adresi belirtmiyorsa S3 sunucusuyla TLS ile konuşulur",
  ],
  ["region of the bucket", "kovanın bölgesi"],
  ["key for the S3 server", "S3 sunucusunun anahtarı"],
  ["secret of that key", "o anahtarın gizli yarısı"],
  ["of keys that are only valid for a while", "yalnız bir süre geçerli anahtarlar için"],
  [
    "ask for HOST/BUCKET/KEY; off: BUCKET.HOST/KEY, as Amazon wants it",
    "SUNUCU/KOVA/AD olarak istenir; off: Amazon'un istediği gibi KOVA.SUNUCU/AD",
  ],
  [
    "browsers get recordings from katip, or from the bucket by an address that ends",
    "tarayıcılar kayıtları katip'ten alır ya da süresi dolan bir adresle kovadan",
  ],
  [
    "S3 server as browsers see it, for redirects; empty: the endpoint",
    "yönlendirmeler için S3 sunucusunun tarayıcılardan görünen adresi; boş: aynı adres",
  ],
  [
    "megabytes of copies of recordings kept on this machine beside the bucket",
    "kovanın yanında bu makinede tutulan kayıt kopyalarının megabaytı",
  ],
  // engine
  [
    "model by name (see `katip models list`) or folder",
    "adıyla model (bkz. `katip models list`) ya da klasörü",
  ],
  [
    "more models that requests may name; each is loaded when it is asked for",
    "isteklerin adıyla seçebileceği öteki modeller; her biri istendiğinde yüklenir",
  ],
  [
    "one of the other models is let go when nobody used it for so long; 0: kept",
    "öteki modellerden biri bu kadar süre kullanılmazsa bırakılır; 0: tutulur",
  ],
  ["int8 is fast, float32 is the reference", "int8 hızlıdır, float32 ölçüttür"],
  ["threads of the engine; 0: one for each core", "motorun iş parçacıkları; 0: her çekirdek için bir tane"],
  ["instruction set of the kernels", "çekirdek hesapların komut kümesi"],
  // transcribe
  [
    "language spoken, by code or English name; auto: detect it",
    "konuşulan dil, koduyla ya da İngilizce adıyla; auto: kendisi anlar",
  ],
  [
    "languages that detection may choose from; empty: all",
    "dil anlaşılırken seçilebilecek diller; boş: hepsi",
  ],
  ["write English whatever is spoken", "ne konuşulursa konuşulsun İngilizce yazılır"],
  [
    "hypotheses kept while decoding; 1 is greedy and fastest",
    "çözerken tutulan olasılık sayısı; 1 en hızlısıdır",
  ],
  ["samples at temperatures above 0", "0'ın üstündeki sıcaklıklarda denenen örnek sayısı"],
  [
    "tried in turn for a window whose text looks wrong",
    "metni yanlış görünen bir pencere için sırayla denenir",
  ],
  ["text that repeats itself more is decoded again", "kendini bundan çok yineleyen metin yeniden çözülür"],
  ["text less probable than this is decoded again", "olasılığı bundan düşük metin yeniden çözülür"],
  [
    "windows more likely silent than this give no text",
    "sessiz olma olasılığı bundan yüksek pencereler metin vermez",
  ],
  ["find speech first and skip silence", "önce konuşma bulunur, sessizlik atlanır"],
  [
    "probability from which on a sound is speech",
    "bir sesin konuşma sayıldığı olasılık",
  ],
  ["time each word", "her sözcüğün zamanı bulunur"],
  [
    "text thought to come before the recording: style and spelling",
    "kayıttan önce geldiği varsayılan metin: üslup ve yazım için",
  ],
  [
    "show each window the text before it; slower",
    "her pencereye kendinden önceki metin gösterilir; daha yavaştır",
  ],
  ["names and terms to expect, one a line", "beklenecek adlar ve terimler, her satırda bir tane"],
  [
    "separate transcribes each channel by itself and labels it",
    "separate her kanalı ayrı yazıya döker ve adlandırır",
  ],
  ["kinds of output", "çıktı türleri"],
  ["files read at once; they share one batch", "aynı anda okunan dosyalar; bir kümeyi paylaşırlar"],
  // subtitles
  ["characters in a line of a subtitle", "bir altyazı satırındaki karakter sayısı"],
  ["lines in a subtitle", "bir altyazıdaki satır sayısı"],
  [
    "characters a second that subtitles keep to where time allows",
    "zaman elverdikçe altyazıların aşmadığı, saniyedeki karakter sayısı",
  ],
  // worker
  [
    "prefork runs tasks in processes of their own, solo in this one, for debugging",
    "prefork görevleri kendi süreçlerinde çalıştırır, solo hata ayıklamak için bu süreçte",
  ],
  [
    "which workers run here: engine enters the model, general does everything else",
    "burada çalışan işçiler: engine modeli kullanır, general kalan her şeyi yapar",
  ],
  [
    "slots of each worker; empty: 2,2 in development, 6,2 in staging, 12,4 in production",
    "her işçinin yerleri; boş: geliştirmede 2,2, denemede 6,2, üretimde 12,4",
  ],
  [
    "slots beside those that only take critical tasks; general workers: at most two",
    "bunların yanında yalnız acil görevleri alan yerler; general işçilerde en çok iki",
  ],
  [
    "short tasks that a worker takes for each of its slots",
    "işçinin her bir yeri için aldığı kısa görev sayısı",
  ],
  [
    "tasks after which a worker process is replaced; 0: never",
    "bir işçi sürecinin yenilendiği görev sayısı; 0: hiç yenilenmez",
  ],
  [
    "growth after which a worker process is replaced; 0: never",
    "bir işçi sürecinin yenilendiği bellek artışı; 0: hiç yenilenmez",
  ],
  [
    "seconds of silence after which a worker counts as dead",
    "işçinin ölmüş sayıldığı sessizlik, saniye",
  ],
  [
    "seconds that running tasks have to finish after a stop",
    "durdurulunca çalışan görevlerin bitmek için süresi, saniye",
  ],
  [
    "seconds that a cancelled or overdue task has to obey before its process is replaced",
    "iptal edilen ya da süresi geçen görevin, süreci yenilenmeden önce durması için süre, saniye",
  ],
  [
    "tasks of one tenant that run at once; 0: no limit",
    "bir kiracının aynı anda çalışan görevleri; 0: sınırsız",
  ],
  [
    "queues of kinds before katip's own rules: `transcription.*=critical`",
    "katip'in kurallarından önce gelen, türlerin kuyrukları: `transcription.*=critical`",
  ],
  // migrate
  [
    "folder of the migrations; empty: katip's own, which are part of the program",
    "geçişlerin klasörü; boş: katip'in programın içindeki kendi geçişleri",
  ],
  [
    "database to migrate; ${NAME:-default} is taken from the environment; empty: DATABASE_URL",
    "geçirilecek veritabanı; ${AD:-varsayılan} ortamdan alınır; boş: DATABASE_URL",
  ],
  [
    "folders of the revision files; empty: versions in the folder, or the folder",
    "sürüm dosyalarının klasörleri; boş: klasördeki versions ya da klasörün kendisi",
  ],
  ["what separates the version locations", "sürüm klasörlerini ayıran işaret"],
  ["revision files in sub-folders count too", "alt klasörlerdeki sürüm dosyaları da sayılır"],
  ["table that says where the database is", "veritabanının hangi sürümde olduğunu söyleyen tablo"],
  [
    "names of new files: rev, slug, epoch, year, month, day, hour, minute, second",
    "yeni dosyaların adları: rev, slug, epoch, year, month, day, hour, minute, second",
  ],
  [
    "characters of the message in the name of a new file",
    "yeni dosyanın adında iletiden kalan karakter sayısı",
  ],
  ["time zone of the dates in new files", "yeni dosyalardaki tarihlerin saat dilimi"],
  [
    "how long to wait for a database that cannot be reached",
    "ulaşılamayan veritabanı ne kadar beklenir",
  ],
  ["limit of one attempt to connect", "bir bağlanma denemesinin sınırı"],
  [
    "how long to wait for another migrator, and for locks of others",
    "başka bir geçiş ve başkalarının kilitleri ne kadar beklenir",
  ],
  ["limit of one statement; 0: none", "bir deyimin süre sınırı; 0: sınırsız"],
  [
    "run statements that lose data without asking for `-- katip: allow`",
    "veri yitiren deyimler `-- katip: allow` istenmeden çalıştırılır",
  ],
  [
    "katip's own SQLite database is copied before its schema changes",
    "katip'in kendi SQLite veritabanı, şeması değişmeden önce kopyalanır",
  ],
  ["so many of these copies stay, one for each revision", "bu kopyalardan kaçı kalır, her sürüm için bir tane"],
  [
    "least important message; debug shows every statement",
    "gösterilen en önemsiz ileti; debug her deyimi gösterir",
  ],
  // logging
  [
    "least important message that is shown and logged",
    "gösterilen ve günlüğe yazılan en önemsiz ileti",
  ],
  [
    "the log on standard error; auto: text on a terminal, json elsewhere",
    "standart hatadaki günlük; auto: uçbirimde metin, başka yerde json",
  ],
  ["write app.log, api.log, audit.log and error.log", "app.log, api.log, audit.log ve error.log yazılır"],
  [
    "folder of these files; empty: logs in the data folder",
    "bu dosyaların klasörü; boş: veri klasöründeki logs",
  ],
  [
    "days that the files of earlier days are kept; 0: for ever",
    "önceki günlerin dosyaları kaç gün saklanır; 0: süresiz",
  ],
  [
    "megabytes beyond which a file is put aside before midnight; 0: no limit",
    "dosyanın gece yarısını beklemeden kenara konduğu megabayt; 0: sınırsız",
  ],
  [
    "milliseconds from which on a statement of the database is a warning; 0: none",
    "veritabanı deyiminin uyarı sayıldığı milisaniye; 0: uyarılmaz",
  ],
  [
    "log every statement at level debug; never its parameters",
    "her deyim debug düzeyinde günlüğe yazılır; değerleri hiç yazılmaz",
  ],
  // remote
  [
    "where `models pull` finds Hugging Face repositories, or a mirror of them",
    "`models pull` komutunun Hugging Face depolarını ya da bir yansısını bulduğu yer",
  ],
  [
    "server that transcribes for a model `remote:NAME`: OpenAI's or one like it",
    "`remote:AD` modeli için yazıya döken sunucu: OpenAI'ınki ya da benzeri",
  ],
  ["key for that server", "o sunucunun anahtarı"],
  [
    "seconds of sound sent to it at once; OpenAI takes up to 780",
    "bir kerede gönderilen sesin saniyesi; OpenAI en çok 780 alır",
  ],
  ["seconds until it has to have answered", "kaç saniye içinde yanıt vermesi gerektiği"],
  ["token for repositories that are not open", "açık olmayan depolar için anahtar"],
  ["certificates to trust; empty: those of the system", "güvenilen sertifikalar; boş: sisteminkiler"],
  // outgoing
  [
    "private hosts and networks that webhooks and recordings by address may lead to: " +
      "`nas:8080,*.intra.example,10.2.0.0/16`",
    "webhook'ların ve adresle verilen kayıtların gidebileceği özel sunucular ve ağlar: " +
      "`nas:8080,*.intra.example,10.2.0.0/16`",
  ],
  ["size of a recording that is fetched from an address", "bir adresten getirilen kaydın en büyük boyu"],
  // telemetry
  [
    "collector of OpenTelemetry for traces, by OTLP over HTTP; empty: none",
    "izler için OpenTelemetry toplayıcısı, HTTP üzerinden OTLP; boş: yok",
  ],
  ["headers for that collector, a key for example", "o toplayıcı için başlıklar, örneğin bir anahtar"],
  [
    "where errors are reported: Sentry, or a server that speaks like it; empty: nowhere",
    "hataların bildirildiği yer: Sentry ya da onun gibi konuşan bir sunucu; boş: hiçbir yer",
  ],
  // backup, jobs, cleanup
  [
    "folder of the backups, best on another disk; empty: backups in the data folder",
    "yedeklerin klasörü, en iyisi başka bir diskte; boş: veri klasöründeki backups",
  ],
  ["when the daily backup is made; `off`: never by itself", "günlük yedeğin zamanı; `off`: kendiliğinden alınmaz"],
  [
    "when the newest backup is restored as an exercise; `off`: never",
    "en yeni yedeğin deneme olarak geri yüklendiği zaman; `off`: hiç",
  ],
  [
    "time zone of both, and of the days, weeks and months that are kept",
    "ikisinin ve saklanan gün, hafta ve ayların saat dilimi",
  ],
  ["days of which a verified backup is kept", "kanıtlanmış yedeği saklanan gün sayısı"],
  ["weeks of which a verified backup is kept", "kanıtlanmış yedeği saklanan hafta sayısı"],
  ["months of which a verified backup is kept", "kanıtlanmış yedeği saklanan ay sayısı"],
  ["backups made by hand that are kept", "elle alınan yedeklerden kaçı saklanır"],
  ["backups made before a restore that are kept", "geri yüklemeden önce alınan yedeklerden kaçı saklanır"],
  [
    "file with the key that encrypts backups, 64 hexadecimal digits; empty: no encryption",
    "yedekleri şifreleyen anahtarın dosyası, 64 onaltılık basamak; boş: şifrelenmez",
  ],
  [
    "recordings come along in backups; each is kept once for all of them",
    "kayıtlar da yedeklenir; her biri tüm yedekler için bir kez saklanır",
  ],
  [
    "second place for verified backups, `s3://bucket/prefix`; server and keys are those of the section [storage]",
    "kanıtlanmış yedeklerin ikinci yeri, `s3://kova/önek`; sunucu ve anahtarlar [storage] bölümündekiler",
  ],
  ["level of zstd; 1 is fast, 19 small", "zstd düzeyi; 1 hızlıdır, 19 az yer tutar"],
  [
    "folder of pg_dump and pg_restore; empty: they are looked for",
    "pg_dump ve pg_restore'un klasörü; boş: aranır",
  ],
  [
    "how long a job stays with its recording and transcript, unless it is said when the job is made; 0: for ever",
    "iş oluşturulurken söylenmedikçe, işin kaydı ve metniyle kaç gün kaldığı; 0: süresiz",
  ],
  ["how long rows of the audit trail stay; 0: for ever", "denetim izi satırlarının kaç gün kaldığı; 0: süresiz"],
  // server
  [
    "address to listen on; 127.0.0.1 is this machine alone, 0.0.0.0 everybody",
    "dinlenen adres; 127.0.0.1 yalnız bu makine, 0.0.0.0 herkes",
  ],
  ["port to listen on; 0: any that is free", "dinlenen kapı; 0: boş olan herhangi biri"],
  [
    "port that the dashboard has to itself, such as 5555; 0: none",
    "panonun kendine ait kapısı, örneğin 5555; 0: yok",
  ],
  [
    "opens that port to operators; empty: people sign in there as elsewhere",
    "o kapıyı işletmenlere açar; boş: orada da başka yerdeki gibi giriş yapılır",
  ],
  ["megabytes that one recording may have", "bir kaydın en çok kaç megabayt olabileceği"],
  ["connections at once; more wait until one ends", "aynı anda bağlantı; fazlası biri bitene dek bekler"],
  [
    "requests that are worked on at once; those that wait for a transcript need none",
    "aynı anda işlenen istekler; bir metni bekleyenler sayılmaz",
  ],
  [
    "networks of proxies in front, such as 127.0.0.1,10.0.0.0/8: only they are believed when they say for whom they ask",
    "öndeki vekillerin ağları, örneğin 127.0.0.1,10.0.0.0/8: kimin için sorduklarına yalnız bunlarda inanılır",
  ],
  [
    "what those proxies write: x-forwarded-for (and -proto), or forwarded of RFC 7239",
    "o vekillerin yazdığı: x-forwarded-for (ve -proto) ya da RFC 7239'un forwarded başlığı",
  ],
  [
    "megabytes of uploads of one owner that are no jobs yet; 0: no limit",
    "bir kişinin henüz işe dönmemiş yüklemelerinin megabaytı; 0: sınırsız",
  ],
  [
    "megabytes of the disk that recordings which come in leave free",
    "gelen kayıtların diskte boş bıraktığı megabayt",
  ],
  [
    "origins of web pages that may call the API; empty: none but our own",
    "API'yi çağırabilen web sayfalarının kaynakları; boş: yalnız kendi sayfalarımız",
  ],
  ["certificate chain in PEM; empty: no TLS", "PEM biçiminde sertifika zinciri; boş: TLS yok"],
  ["private key of the certificate in PEM", "sertifikanın PEM biçiminde gizli anahtarı"],
  [
    "how long requests and streams in hand may go on when the server is stopped",
    "sunucu durdurulunca eldeki isteklerin ve akışların ne kadar sürebileceği, saniye",
  ],
  [
    "run workers beside the server; off: they run elsewhere",
    "işçiler sunucunun yanında çalışır; off: başka yerde çalışırlar",
  ],
  [
    "requests a minute of a user or a key without a limit of its own; 0: no limit",
    "kendi sınırı olmayan kullanıcı ya da anahtarın dakikadaki istekleri; 0: sınırsız",
  ],
  // accounts, openai
  [
    "hours without use after which somebody has to log in again",
    "kaç saat kullanılmayınca yeniden giriş yapılması gerektiği",
  ],
  ["days after which everybody has to log in again", "kaç gün sonra herkesin yeniden giriş yapması gerektiği"],
  [
    "names for models; those of OpenAI stand for the model that is served anyway",
    "modeller için adlar; OpenAI'ınkiler zaten sunulan modelin yerine geçer",
  ],
  [
    "how long transcripts of OpenAI-compatible requests stay; 0: for ever",
    "OpenAI uyumlu isteklerin metinlerinin kaç saat kaldığı; 0: süresiz",
  ],
];

const turkish = new Map(told);

/** In the language of the app. One that is not known yet stays as the server says it. */
export const helpText = (english: string): string =>
  (language.value === "tr" ? turkish.get(english) : undefined) ?? english;
