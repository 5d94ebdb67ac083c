// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/names/service_names.h"

#include <gtest/gtest.h>

#include <string>

#include "dissector/names/cid_names.h"

namespace vsdump {
namespace {

std::string nameOf(const ServiceNames& names, std::uint32_t port, ListeningSide side,
                   VirtioType type = VirtioType::Stream) {
  const Service* const service = names.find(type, Port{port}, side);
  return service == nullptr ? "" : std::string(service->name);
}

TEST(ServiceNames, KeyPortsByTypeAndListeningSide) {
  const ServiceNames names;
  EXPECT_EQ(nameOf(names, 1024, ListeningSide::Guest), "kata-agent");
  EXPECT_EQ(nameOf(names, 1024, ListeningSide::Host), "gvproxy");
  EXPECT_EQ(nameOf(names, 1024, ListeningSide::Host, VirtioType::Dgram), "tsi-create");
  EXPECT_EQ(nameOf(names, 1024, ListeningSide::Guest, VirtioType::Seqpacket), "");
  EXPECT_EQ(nameOf(names, 10809, ListeningSide::Guest), "nbd");
  EXPECT_EQ(nameOf(names, 10809, ListeningSide::Host), "nbd");
  EXPECT_EQ(nameOf(names, 40000, ListeningSide::Guest), "");
}

TEST(ServiceNames, PreferASinglePortToARange) {
  const ServiceNames names;
  EXPECT_EQ(nameOf(names, 10809, ListeningSide::Hypervisor), "nbd");
  EXPECT_EQ(nameOf(names, 10810, ListeningSide::Hypervisor), "nitro-console");
  EXPECT_EQ(nameOf(names, 10810, ListeningSide::Host), "");
  EXPECT_EQ(nameOf(names, 50003, ListeningSide::Host), "wsl");
  EXPECT_EQ(nameOf(names, 50100, ListeningSide::Host), "muvm");
}

TEST(ServiceNames, TakeTheUsersRowsFirst) {
  ServiceNames names;
  const auto problems = names.addFile(
      "# my ports\n"
      "\n"
      "my-agent   1024          guest      # the one that we wrote\n"
      "my-range   7000-7010/seqpacket\n"
      "my-high    0xFFFFFFFE\r\n");
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(nameOf(names, 1024, ListeningSide::Guest), "my-agent");
  EXPECT_EQ(nameOf(names, 1024, ListeningSide::Host), "gvproxy");
  EXPECT_EQ(nameOf(names, 7005, ListeningSide::Host, VirtioType::Seqpacket), "my-range");
  EXPECT_EQ(nameOf(names, 7005, ListeningSide::Host), "");
  EXPECT_EQ(nameOf(names, 0xFFFFFFFE, ListeningSide::Host), "my-high");
  const Service* const service = names.find(VirtioType::Stream, Port{1024}, ListeningSide::Guest);
  ASSERT_NE(service, nullptr);
  EXPECT_EQ(service->description, "the one that we wrote");
}

TEST(ServiceNames, LetLaterRowsAndFilesWin) {
  ServiceNames names;
  EXPECT_TRUE(names.addFile("a 5\nb 5\n").empty());
  EXPECT_EQ(nameOf(names, 5, ListeningSide::Host), "b");
  EXPECT_TRUE(names.addFile("c 5").empty());
  EXPECT_EQ(nameOf(names, 5, ListeningSide::Host), "c");
  EXPECT_EQ(names.userServices().size(), 3U);
}

TEST(ServiceNames, SayWhichLinesTheyLeaveOutAndWhy) {
  ServiceNames names;
  const auto problems = names.addFile(
      "good 1\n"
      "lonely\n"
      "bad-port x12\n"
      "too-large 4294967296\n"
      "backwards 9-5\n"
      "bad-type 5/tcp\n"
      "bad-side 5 moon\n"
      "wordy 5 host and more\n"
      "\x1b[31mred 5/\x1b[0m\n");
  ASSERT_EQ(problems.size(), 8U);
  EXPECT_EQ(problems[0].line, 2U);
  EXPECT_EQ(problems[0].message, "the port is missing after the name \"lonely\"");
  EXPECT_EQ(problems[1].message, "\"x12\" is no port and no range of ports (0 to 4294967295)");
  EXPECT_EQ(problems[4].message, "\"tcp\" is no socket type; stream, seqpacket and dgram are");
  EXPECT_EQ(problems[5].message,
            "\"moon\" does not say who listens; host, guest, hypervisor and any do");
  EXPECT_EQ(problems[6].message, "\"and\" is one word too many; a description goes behind a #");
  EXPECT_EQ(problems[7].line, 9U);
  EXPECT_EQ(problems[7].message.find('\x1b'), std::string::npos);
  EXPECT_EQ(nameOf(names, 1, ListeningSide::Guest), "good");
  EXPECT_EQ(names.userServices().size(), 1U);
}

TEST(SideOf, FollowsTheCid) {
  EXPECT_EQ(sideOf(kCidHypervisor), ListeningSide::Hypervisor);
  EXPECT_EQ(sideOf(kCidLocal), ListeningSide::Any);
  EXPECT_EQ(sideOf(kCidHost), ListeningSide::Host);
  EXPECT_EQ(sideOf(Cid{3}), ListeningSide::Guest);
  EXPECT_EQ(sideOf(kCidAny), ListeningSide::Any);
}

TEST(BuiltinServices, AreOneWordNamesOnValidRanges) {
  for (const Service& service : builtinServices()) {
    EXPECT_LE(service.first, service.last) << service.name;
    EXPECT_EQ(service.name.find(' '), std::string_view::npos) << service.name;
    EXPECT_FALSE(service.description.empty()) << service.name;
  }
}

}  // namespace
}  // namespace vsdump
