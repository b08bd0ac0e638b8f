#include "cli/config/service_options.h"

#include <array>

// Tested by settings_test.cc and documentation_test.cc.
namespace katip::cli {
namespace {

using enum OptionKind;

constexpr std::array<std::string_view, 2> kOnOff = {"on", "off"};

constexpr OptionSpec kOptions[] = {
    {.key = "server.host",
     .kind = kText,
     .default_value = "127.0.0.1",
     .environment = "KATIP_HOST",
     .flag = "--host",
     .value_name = "ADDRESS",
     .help = "address to listen on; 127.0.0.1 is this machine alone, 0.0.0.0 everybody"},
    {.key = "server.port",
     .kind = kInteger,
     .default_value = "8002",
     .environment = "KATIP_PORT",
     .flag = "--port",
     .value_name = "N",
     .help = "port to listen on; 0: any that is free",
     .minimum = 0,
     .maximum = 65535},
    {.key = "server.upload_max_mb",
     .kind = kInteger,
     .default_value = "4096",
     .environment = "KATIP_UPLOAD_MAX_MB",
     .flag = "",
     .value_name = "MB",
     .help = "megabytes that one recording may have",
     .minimum = 1,
     .maximum = 1000000},
    {.key = "server.connections_max",
     .kind = kInteger,
     .default_value = "12000",
     .environment = "KATIP_CONNECTIONS_MAX",
     .flag = "",
     .value_name = "N",
     .help = "connections at once; more wait until one ends",
     .minimum = 1,
     .maximum = 1000000},
    {.key = "server.threads",
     .kind = kInteger,
     .default_value = "16",
     .environment = "KATIP_SERVER_THREADS",
     .flag = "",
     .value_name = "N",
     .help = "requests that are worked on at once; those that wait for a transcript need none",
     .minimum = 1,
     .maximum = 1024},
    {.key = "server.cors_origins",
     .kind = kList,
     .default_value = "",
     .environment = "CORS_ORIGINS",
     .flag = "",
     .value_name = "LIST",
     .help = "origins of web pages that may call the API; empty: none but our own"},
    {.key = "server.tls_certificate",
     .kind = kPath,
     .default_value = "",
     .environment = "KATIP_TLS_CERT",
     .flag = "--tls-certificate",
     .value_name = "FILE",
     .help = "certificate chain in PEM; empty: no TLS"},
    {.key = "server.tls_key",
     .kind = kPath,
     .default_value = "",
     .environment = "KATIP_TLS_KEY",
     .flag = "--tls-key",
     .value_name = "FILE",
     .help = "private key of the certificate in PEM"},
    {.key = "server.workers",
     .kind = kChoice,
     .default_value = "on",
     .environment = "KATIP_SERVER_WORKERS",
     .flag = "--workers",
     .value_name = "on|off",
     .help = "run workers beside the server; off: they run elsewhere",
     .choices = kOnOff},

    {.key = "openai.aliases",
     .kind = kList,
     .default_value = "",
     .environment = "KATIP_OPENAI_ALIASES",
     .flag = "",
     .value_name = "NAME=MODEL,...",
     .help = "names for models; those of OpenAI stand for the model that is served anyway"},
    {.key = "openai.keep_hours",
     .kind = kNumber,
     .default_value = "24",
     .environment = "KATIP_OPENAI_KEEP_HOURS",
     .flag = "",
     .value_name = "HOURS",
     .help = "how long transcripts of OpenAI-compatible requests stay; 0: for ever",
     .minimum = 0,
     .maximum = 876000},
};

}  // namespace

std::span<const OptionSpec> service_options() { return kOptions; }

}  // namespace katip::cli
