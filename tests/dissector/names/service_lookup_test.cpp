// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/names/service_lookup.h"

#include <gtest/gtest.h>

#include "dissector/names/cid_names.h"

namespace vsdump {
namespace {

constexpr Cid kGuest{42};

TEST(ServiceLookup, GuessesOnlyWhatFitsTheListeningSide) {
  const ServiceNames names;
  ServiceLookup lookup(names);
  const ServiceName agent = lookup.of(VirtioType::Stream, kCidHost, {kGuest, Port{1024}});
  EXPECT_EQ(agent.name, "kata-agent");
  EXPECT_TRUE(agent.isGuess);
  EXPECT_EQ(lookup.of(VirtioType::Stream, kGuest, {kCidHost, Port{1024}}).name, "gvproxy");
  EXPECT_EQ(lookup.of(VirtioType::Seqpacket, kCidHost, {kGuest, Port{1024}}).name, "");
  EXPECT_EQ(lookup.of(VirtioType::Stream, kCidHost, {kGuest, Port{5000}}).name, "");
}

TEST(ServiceLookup, TakesNoLoopbackServerForAServiceOfHostOrGuest) {
  const ServiceNames names;
  ServiceLookup lookup(names);
  EXPECT_EQ(lookup.of(VirtioType::Stream, kGuest, {kCidHost, Port{5000}}).name, "android-binder");
  EXPECT_EQ(lookup.of(VirtioType::Stream, kCidLocal, {kCidHost, Port{5000}}).name, "");
  EXPECT_EQ(lookup.of(VirtioType::Stream, kCidLocal, {kCidLocal, Port{22}}).name, "");
  EXPECT_EQ(lookup.of(VirtioType::Stream, kCidLocal, {kCidLocal, Port{10809}}).name, "nbd");
}

TEST(ServiceLookup, TakesTheUsersNamesAsSaid) {
  ServiceNames names;
  ASSERT_TRUE(names.addFile("mine 5000 host\n").empty());
  ServiceLookup lookup(names);
  for (int times = 0; times < 2; ++times) {
    const ServiceName mine = lookup.of(VirtioType::Stream, kCidLocal, {kCidHost, Port{5000}});
    EXPECT_EQ(mine.name, "mine");
    EXPECT_FALSE(mine.isGuess);
  }
}

TEST(ServiceLookup, IsToldNoNameThatWouldHarmATerminal) {
  ServiceNames names;
  EXPECT_EQ(names.addFile("a\033[31m 5000\n\"quoted\" 5001\nplain_1.0+x-y 5002\n").size(), 2U);
  ServiceLookup lookup(names);
  EXPECT_EQ(lookup.of(VirtioType::Stream, kGuest, {kCidHost, Port{5001}}).name, "");
  EXPECT_EQ(lookup.of(VirtioType::Stream, kGuest, {kCidHost, Port{5002}}).name, "plain_1.0+x-y");
}

TEST(ServiceLookup, TellsPortsApartThatShareAPlace) {
  const ServiceNames names;
  ServiceLookup lookup(names);
  EXPECT_EQ(lookup.of(VirtioType::Stream, kCidHost, {kGuest, Port{22}}).name, "ssh");
  EXPECT_EQ(lookup.of(VirtioType::Stream, kCidHost, {kGuest, Port{22 + 256}}).name, "");
  EXPECT_EQ(lookup.of(VirtioType::Stream, kCidHost, {kGuest, Port{22}}).name, "ssh");
}

}  // namespace
}  // namespace vsdump
