// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/registry.h"

#include <algorithm>
#include <array>

#include "dissector/payload/command_executer.h"
#include "dissector/payload/connect_retries.h"
#include "dissector/payload/http1.h"
#include "dissector/payload/http2.h"
#include "dissector/payload/hybrid_vsock.h"
#include "dissector/payload/iperf3.h"
#include "dissector/payload/journal.h"
#include "dissector/payload/kata_log.h"
#include "dissector/payload/kata_trace.h"
#include "dissector/payload/nbd.h"
#include "dissector/payload/nitro.h"
#include "dissector/payload/qemu_agent.h"
#include "dissector/payload/sd_notify.h"
#include "dissector/payload/ssh.h"
#include "dissector/payload/tls.h"
#include "dissector/payload/trace_cmd.h"
#include "dissector/payload/tsi.h"
#include "dissector/payload/ttrpc.h"

namespace vsdump::payload {

namespace {

constexpr std::array kProtocols{&kTtrpc,        &kTls,
                                &kNbd,          &kSsh,
                                &kIperf3,       &kTsi,
                                &kHttp2,        &kHttp1,
                                &kQemuAgent,    &kSdNotify,
                                &kKataLog,      &kKataTrace,
                                &kJournal,      &kTraceCmd,
                                &kHybridVsock,  &kNitroHeartbeat,
                                &kNitroConsole, &kCommandExecuter};

}  // namespace

std::span<const Protocol* const> protocols() {
  return kProtocols;
}

const Protocol* findProtocol(std::string_view name) {
  const auto found = std::ranges::find(kProtocols, name, &Protocol::name);
  return found == kProtocols.end() ? nullptr : *found;
}

bool isMessageProtocol(std::string_view name) {
  return name == kConnectProtocol || std::ranges::any_of(kProtocols, [&](const Protocol* protocol) {
           return protocol->name == name ||
                  (!protocol->alsoName.empty() && protocol->alsoName == name);
         });
}

std::string messageProtocolNames() {
  std::string names(kConnectProtocol);
  for (const Protocol* protocol : kProtocols) {
    for (const std::string_view name : {protocol->name, protocol->alsoName}) {
      if (name.empty()) continue;
      names += ", ";
      names += name;
    }
  }
  return names;
}

}  // namespace vsdump::payload
