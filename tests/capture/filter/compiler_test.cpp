// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/filter/compiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <string>

#include "capture/filter/kernel_part.h"

namespace vsdump {
namespace {

using ::testing::HasSubstr;

/// A program as -d prints it.
std::string code(std::string_view text, const CompileOptions& options = {}) {
  const auto program = compile(*filter::parse(text), options);
  if (!program) return describe(program.error());
  std::string out;
  int line = 0;
  for (const bpf_insn& each : program->instructions()) {
    out += std::string(bpf_image(&each, line++)) + '\n';
  }
  return out;
}

std::string kernelText(std::string_view text, KernelScope scope) {
  const SplitFilter split = kernelPart(*filter::parse(text), scope);
  return filter::toText(*split.kernel.expression()) + (split.isDecided ? "" : " ...");
}

TEST(FilterCompiler, ComparesFieldsByTurningTheConstantRound) {
  EXPECT_EQ(code("port 1024"),
            "(000) ld       [16]\n"
            "(001) jeq      #0x40000         jt 4\tjf 2\n"
            "(002) ld       [20]\n"
            "(003) jeq      #0x40000         jt 4\tjf 5\n"
            "(004) ret      #262144\n"
            "(005) ret      #0\n");
}

TEST(FilterCompiler, AsksOnceWhetherThereIsAVirtioHeader) {
  EXPECT_EQ(code("op rst and flags & 3 != 0", {.snapshotLengthBytes = 100}),
            "(000) ldh      [26]\n"
            "(001) jeq      #0x200           jt 2\tjf 10\n"
            "(002) ldh      [28]\n"
            "(003) jset     #0xff            jt 5\tjf 4\n"
            "(004) jge      #0x2c00          jt 5\tjf 10\n"
            "(005) ldh      [62]\n"
            "(006) jeq      #0x300           jt 7\tjf 10\n"
            "(007) ld       [64]\n"
            "(008) jset     #0x3000000       jt 9\tjf 10\n"
            "(009) ret      #100\n"
            "(010) ret      #0\n");
}

TEST(FilterCompiler, LeavesOutWhatIsKnown) {
  EXPECT_EQ(code("port 22 and port 22"), code("port 22"));
  EXPECT_EQ(code("port 22 or not port 22"), code("port 22 or not port 22"));
  EXPECT_EQ(code("1 = 1"), "(000) ret      #262144\n");
  EXPECT_EQ(code("1 = 2"), "(000) ret      #0\n");
  EXPECT_EQ(code(""), "(000) ret      #262144\n");
}

TEST(FilterCompiler, RefusesWhatTheKernelHasNoRoomFor) {
  std::string lengthy = "port 1";
  for (int i = 0; i < 5000; ++i) lengthy += " or port " + std::to_string(i * 3);
  EXPECT_THAT(code(lengthy), HasSubstr("instructions"));
  EXPECT_THAT(code(lengthy), HasSubstr("Lists of values are shorter"));
  std::string deep = "link[1]";
  for (int i = 0; i < 20; ++i) deep = "(" + deep + " << link[1])";
  EXPECT_EQ(
      code(deep + " = 1"),
      "cannot compile the filter for the kernel: a relation computes with too many numbers at "
      "once. Shifts by distances that are computed take most of the room.");
  std::string sum = "len";
  for (int i = 0; i < 100; ++i) sum += " + link[1]";
  EXPECT_THAT(code(sum + " = 1"), HasSubstr("ret"));
}

TEST(KernelPart, IsAllOfItWhereEachPacketStandsForItself) {
  EXPECT_EQ(kernelText("op rst and src port 22", KernelScope::Packets), "op rst and src port 22");
}

TEST(KernelPart, LetsPassWhatItCannotDecide) {
  EXPECT_EQ(kernelText("port 22 and payload contains x", KernelScope::Packets), "port 22 ...");
  EXPECT_EQ(kernelText("port 22 or payload contains x", KernelScope::Packets),
            "port 22 or 1 = 1 ...");
  EXPECT_EQ(kernelText("cid 3 and not payload contains x", KernelScope::Packets), "cid 3 ...");
  EXPECT_EQ(kernelText("not (payload contains x or port 22)", KernelScope::Packets),
            "not port 22 ...");
}

TEST(KernelPart, IsWhatKeepsOrDropsWholeConnectionsUnderAnalysis) {
  EXPECT_EQ(kernelText("port 22 and op rst", KernelScope::Connections), "port 22 ...");
  EXPECT_EQ(kernelText("cid 3 and type stream and conn 1.2 3.4", KernelScope::Connections),
            "cid 3 and type stream and conn 1.2 3.4");
  EXPECT_EQ(kernelText("src port 22", KernelScope::Connections), "1 = 1 ...");
  EXPECT_EQ(kernelText("not src port 22", KernelScope::Connections), "1 = 1 ...");
}

}  // namespace
}  // namespace vsdump
