// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/extcap/extcap_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace vsdump {

namespace {

/// An option with a value, and where that goes; nowhere for what is of no interest.
struct ExtcapOption {
  std::string_view name;
  std::string ExtcapOptions::*to;
};

constexpr std::array kValued{
    ExtcapOption{"--extcap-interface", &ExtcapOptions::interface},
    ExtcapOption{"--extcap-capture-filter", &ExtcapOptions::filter},
    ExtcapOption{"--extcap-control-in", &ExtcapOptions::controlIn},
    ExtcapOption{"--extcap-control-out", &ExtcapOptions::controlOut},
    ExtcapOption{"--extcap-version", nullptr},
    ExtcapOption{"--fifo", &ExtcapOptions::fifo},
    ExtcapOption{"--device", &ExtcapOptions::device},
    ExtcapOption{"--remote-host", &ExtcapOptions::host},
    ExtcapOption{"--remote-port", &ExtcapOptions::port},
    ExtcapOption{"--remote-username", &ExtcapOptions::user},
    ExtcapOption{"--remote-command", &ExtcapOptions::command},
};

struct ExtcapAction {
  std::string_view name;
  ExtcapQuestion question;
};

constexpr std::array kActions{
    ExtcapAction{"--extcap-interfaces", ExtcapQuestion::Interfaces},
    ExtcapAction{"--extcap-dlts", ExtcapQuestion::LinkTypes},
    ExtcapAction{"--extcap-config", ExtcapQuestion::Configuration},
    ExtcapAction{"--capture", ExtcapQuestion::Capture},
};

tl::unexpected<Error> wrong(std::string_view subject, std::string reason, std::string hint = {}) {
  return tl::unexpected(Error{.kind = ErrorKind::Usage,
                              .attempted = "do what Wireshark asks for with",
                              .subject = std::string(subject),
                              .reason = std::move(reason),
                              .hint = std::move(hint)});
}

Result<void> check(const ExtcapOptions& options) {
  if (options.question == ExtcapQuestion::Interfaces) return {};
  if (options.interface != kExtcapHere && options.interface != kExtcapOverSsh) {
    return wrong("--extcap-interface " + options.interface, "there is no such interface",
                 "There are vsockmon and vsockmon-ssh.");
  }
  if (options.question != ExtcapQuestion::Capture) return {};
  if (options.fifo.empty()) return wrong("--capture", "it needs --fifo");
  return {};
}

}  // namespace

Result<void> checkHost(const ExtcapOptions& options) {
  if (options.interface != kExtcapOverSsh) return {};
  constexpr const char* kWhere =
      "It is set in the options of the interface, behind the gear beside its name.";
  if (options.host.empty()) return wrong("vsockmon over ssh", "no host is given", kWhere);
  // ssh would take it for an option.
  if (options.host.front() == '-')
    return wrong("the host " + options.host, "no host begins so", kWhere);
  if (options.port.empty()) return {};
  unsigned port = 0;
  const char* end = options.port.data() + options.port.size();
  const auto read = std::from_chars(options.port.data(), end, port);
  if (read.ptr != end || read.ec != std::errc() || port == 0 || port > 65535) {
    return wrong("the port " + options.port, "it is no number from 1 to 65535", kWhere);
  }
  return {};
}

Result<ExtcapOptions> parseExtcapCall(int argc, const char* const* argv) {
  ExtcapOptions options;
  std::optional<ExtcapQuestion> question;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const auto* action = std::ranges::find(kActions, name, &ExtcapAction::name);
    if (action != kActions.end()) {
      question = action->question;
      continue;
    }
    const auto* valued = std::ranges::find(kValued, name, &ExtcapOption::name);
    if (valued == kValued.end()) return wrong(name, "it is no option of extcap programs");
    if (equals != std::string_view::npos) {
      word.remove_prefix(equals + 1);
    } else if (++i < argc) {
      word = argv[i];
    } else {
      return wrong(name, "its value is missing");
    }
    if (valued->to != nullptr) options.*(valued->to) = word;
  }
  // To ask about a filter Wireshark gives nothing else.
  options.question = question.value_or(ExtcapQuestion::IsFilterRight);
  if (Result<void> checked = check(options); !checked) return tl::unexpected(checked.error());
  return options;
}

}  // namespace vsdump
