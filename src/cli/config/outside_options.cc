#include "cli/config/outside_options.h"

// Tested by settings_test.cc and documentation_test.cc.
namespace katip::cli {
namespace {

using enum OptionKind;

constexpr OptionSpec kOptions[] = {
    {.key = "remote.hf_endpoint",
     .kind = kText,
     .default_value = "https://huggingface.co",
     .environment = "HF_ENDPOINT",
     .flag = "",
     .value_name = "URL",
     .help = "where `models pull` finds Hugging Face repositories, or a mirror of them"},
    {.key = "remote.base_url",
     .kind = kText,
     .default_value = "https://api.openai.com/v1",
     .environment = "KATIP_REMOTE_BASE_URL",
     .flag = "",
     .value_name = "URL",
     .help = "server that transcribes for a model `remote:NAME`: OpenAI's or one like it"},
    {.key = "remote.api_key",
     .kind = kSecret,
     .default_value = "",
     .environment = "KATIP_REMOTE_API_KEY",
     .flag = "",
     .value_name = "KEY",
     .help = "key for that server"},
    {.key = "remote.part_s_max",
     .kind = kInteger,
     .default_value = "600",
     .environment = "KATIP_REMOTE_PART_S_MAX",
     .flag = "",
     .value_name = "S",
     .help = "seconds of sound sent to it at once; OpenAI takes up to 780",
     .minimum = 10,
     .maximum = 780},
    {.key = "remote.timeout_s",
     .kind = kInteger,
     .default_value = "600",
     .environment = "KATIP_REMOTE_TIMEOUT_S",
     .flag = "",
     .value_name = "S",
     .help = "seconds until it has to have answered",
     .minimum = 1,
     .maximum = 86400},
    {.key = "remote.hf_token",
     .kind = kSecret,
     .default_value = "",
     .environment = "HF_TOKEN",
     .flag = "",
     .value_name = "TOKEN",
     .help = "token for repositories that are not open"},
    {.key = "remote.ca_file",
     .kind = kPath,
     .default_value = "",
     .environment = "SSL_CERT_FILE",
     .flag = "",
     .value_name = "FILE",
     .help = "certificates to trust; empty: those of the system"},

    {.key = "outgoing.allow",
     .kind = kList,
     .default_value = "",
     .environment = "KATIP_OUTGOING_ALLOW",
     .flag = "",
     .value_name = "LIST",
     .help = "private hosts and networks that webhooks and recordings by address may lead to: "
             "`nas:8080,*.intra.example,10.2.0.0/16`"},
    {.key = "outgoing.file_size_mb_max",
     .kind = kInteger,
     .default_value = "4096",
     .environment = "KATIP_OUTGOING_FILE_SIZE_MB_MAX",
     .flag = "",
     .value_name = "MB",
     .help = "size of a recording that is fetched from an address",
     .minimum = 1,
     .maximum = 1e6},
};

}  // namespace

std::span<const OptionSpec> outside_options() { return kOptions; }

}  // namespace katip::cli
