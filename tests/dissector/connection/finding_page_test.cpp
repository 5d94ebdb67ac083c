// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "dissector/connection/finding_text.h"
#include "tests/dissector/connection/finding_cases.h"

namespace vsdump {
namespace {

constexpr std::string_view kBlurs = R"(
## What is not certain

- A host's sender is charged when it queues a packet, the tap sees the packet when the guest has room for it. While
  packets wait, a host's sender has less credit than is shown, and its waits began earlier.
- Linux tells a sender of room only when less than 64 KiB of the buffer are left or the queue is empty. A reader may
  have read a good deal of which no packet tells.
- Newer Linux senders keep to their own buffer size too, of which `possibly-blocked` is the only trace.
- Times are of the tap, and a guest's tap may see an answer just before its question.
- Where records are missing, credit and what depends on it are unknown from there on.
- Captures of a host and its guest hold each packet twice. Files of their own that overlap in time (`-V`), and the
  interfaces of one pcapng file (`mergecap -I none`), are followed apart, whatever their clocks say. In one file without
  interfaces nothing tells whose record one is: the second record of a packet is recognised, and not counted, if it
  comes within 5 ms of the first. With clocks further apart each packet counts twice, as the same packets are also what
  a restored guest, or a client with a port of its own, sends again. If the copies overlap in time,
  `reused-without-close` or `cid-collision` is found, and says that this may be why.

## What people complain about

Each is made on real kernels, by a test in `tests/vm` that expects the name.

| | complaint | what names it | test |
|---|---|---|---|
| 1 | connect() just times out, which side? | `connect-unanswered`, `connect-pending` | `truth/guest_test.py` |
| 2 | seconds of delay at the start of a guest | `connect-unanswered`, `connect-refused`, then `late-start` | `truth/guest_test.py` |
| 3 | stuck after so many kilobytes | `credit-stuck`; `credit-stall`, `slow-reader` where it goes on | `truth/guest_test.py`, `truth/loopback_test.py` |
| 4 | slower since a newer kernel keeps to its own buffer size | `possibly-blocked`; `window-too-small` where the peer's buffer is the limit | `truth/guest_test.py` |
| 5 | a CREDIT_REQUEST is not answered | `credit-request-unanswered` | `truth/guest_test.py` |
| 6 | a snapshot is restored, a guest restarts | `stale-peer`, `reset-mid-stream`, `reused-without-close` | `truth/guest_test.py` |
| 7 | the answer is lost after a half close | `half-close-turned-full`, `data-after-shutdown`, `close-left-data-unread` | `truth/guest_test.py`, `truth/loopback_test.py` |
| 8 | connection reset by peer | `connect-refused`, `credit-violation`, `reset-mid-stream`, `reset-without-shutdown` | `truth/guest_test.py`, `truth/loopback_test.py` |
| 9 | two guests do not reach each other | `connect-unanswered`, which says so | `truth/guest_test.py` |
| 10 | wrong, colliding, 64-bit CIDs | `wrong-direction-cid`, `cid-collision`, `cid-beyond-32-bits` | `truth/guest_test.py` |
| 11 | connections leak | `leaked-connections` | `truth/loopback_test.py` |
| 12 | a probe that stays open or gives up blocks a server | `idle-connection`, `reset-without-shutdown` | `truth/loopback_test.py`, `truth/guest_test.py` |
| 13 | which packets did the device send at all? | `vsdump -v` prints all fields; nothing is to be found | `live/output_test.py` |
| 14 | the protocol on top cannot be decoded | `vsdump messages` | `live/messages_test.py` |
| 15 | the wrong transport: EINVAL, ENODEV | nothing: there is no packet | |

## What no capture can show

- connect() with ENODEV or EINVAL (15): no transport took it, so there was no packet. `vsdump doctor` looks at the machine.
- Which reason a refusal had, beyond what other connections to the port suggest: the RST is the same.
- The moment at which a machine is reset or migrated: its sockets end without a packet.
- Packets that wait in the host for a guest, and what a device in user space does with them: only the guest's kernel
  taps those.
- Which program, and which network namespace: from Linux 7.0 on one CID may be in use in several.
- Why a program does not read or accept: the packets tell that it does not.
)";

/// docs/findings.md: the catalogue, with what is said about each case above.
std::string page() {
  constexpr std::array<std::string_view, 3> kSeverities{"note", "warning", "error"};
  std::string text =
      "# What vsdump finds\n\n"
      "`vsdump report` names what it finds about connections by these codes, worst first, each "
      "with "
      "the packets that\nprove it. The example below a code is what is said about a small "
      "conversation of the tests, between client 3:9999\nand server host:5000. What is odd about "
      "single records has codes of its own, listed at the end.\n";
  for (const FindingRow& row : findingCatalogue()) {
    text += "\n## " + std::string(row.code) + "\n\n" +
            std::string(kSeverities[static_cast<std::size_t>(row.severity)]) + ". " +
            std::string(row.sentence) + '\n';
    for (const support::FindingCase& example : support::findingCases()) {
      if (example.code != row.finding) continue;
      support::Conversation talk(example.limits);
      example.yields(talk);
      talk.finish();
      for (const Finding& finding : talk.findings) {
        if (finding.code != row.finding) continue;
        text += "\n> " + messageOf(finding) + '\n';
        break;
      }
    }
  }
  text += kBlurs;
  text +=
      "\n## Single records\n\nFound once on a connection, or once in all where a record belongs to "
      "none, but for "
      "payload-truncated, which is no fault of the\ntraffic. Lines and JSON objects of packets "
      "name them "
      "each time.\n\n| code | severity | |\n|---|---|---|\n";
  for (const AnomalyRow& row : anomalyCatalogue()) {
    text += "| " + std::string(row.code) + " | " +
            std::string(kSeverities[static_cast<std::size_t>(row.severity)]) + " | " +
            std::string(row.sentence) + " |\n";
  }
  return text;
}

/// With VSDUMP_UPDATE_DOCS set the page is written anew.
TEST(FindingPage, IsWhatTheCatalogueAndItsCasesSay) {
  const std::string path = VSDUMP_SOURCE_DIR "/docs/findings.md";
  if (std::getenv("VSDUMP_UPDATE_DOCS") != nullptr) std::ofstream(path) << page();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), page());
}

}  // namespace
}  // namespace vsdump
