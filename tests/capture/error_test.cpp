// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace vsdump {
namespace {

TEST(Error, SaysWhatWasAttemptedOnWhatAndWhy) {
  EXPECT_EQ(describe(systemError("open", "a.pcap", ENOENT)),
            "cannot open a.pcap: No such file or directory");
}

TEST(Error, EndsInTheNextStep) {
  Error error = systemError("capture on", "vsockmon0", EPERM);
  error.hint = "Run vsdump as root.";
  EXPECT_EQ(describe(error),
            "cannot capture on vsockmon0: Operation not permitted. Run vsdump as root.");
  EXPECT_EQ(error.kind, ErrorKind::Permission);
}

TEST(Error, IsItsReasonAloneWhenNothingWasAttempted) {
  EXPECT_EQ(describe(Error{.kind = ErrorKind::Usage, .reason = "-c needs a number"}),
            "-c needs a number");
}

}  // namespace
}  // namespace vsdump
