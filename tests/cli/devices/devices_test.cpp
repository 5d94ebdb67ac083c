// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/devices/devices.h"

#include <gtest/gtest.h>

#include <vector>

namespace vsdump {
namespace {

const std::vector<VsockmonDevice> kDevices{
    {.name = "vsockmon0", .index = 4, .up = true, .packets = 18204, .bytes = 1234567},
    {.name = "tap", .index = 7, .up = false, .packets = 0, .bytes = 0, .alias = "for \x1b[31m me"},
};

TEST(DevicesTable, AlignsAndGroupsAndHidesControlCharacters) {
  EXPECT_EQ(devicesTable(kDevices),
            " #  device           state          packets                bytes\n"
            " 1  vsockmon0        up              18,204            1,234,567\n"
            " 2  tap              down                 0                    0  for \\x1b[31m me\n");
}

TEST(DevicesJson, HasAnObjectADevice) {
  EXPECT_EQ(devicesJson(std::span(kDevices).first(1)),
            R"({"record":"device","number":1,"name":"vsockmon0","state":"up","packets":18204,)"
            R"("bytes":1234567,"alias":""})"
            "\n");
}

}  // namespace
}  // namespace vsdump
