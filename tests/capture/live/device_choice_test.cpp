// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/device_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "capture/helper/device_keeper.h"

namespace vsdump {
namespace {

using Need = DeviceChoice::Need;
using testing::HasSubstr;

const std::vector<VsockmonDevice> kNone;
const std::vector<VsockmonDevice> kDownThenUp = {{.name = "vsockmon0", .index = 3, .up = false},
                                                 {.name = "tap", .index = 4, .up = true}};

LiveOptions on(const std::string& interface, bool createAnyName = false) {
  return {.interface = interface, .createAnyName = createAnyName};
}

void expectChoice(const Result<DeviceChoice>& choice, const std::string& name, Need need) {
  ASSERT_TRUE(choice) << describe(choice.error());
  EXPECT_EQ(choice->name, name);
  EXPECT_EQ(choice->need, need);
  EXPECT_EQ(choice->message.empty(), need == Need::Nothing);
}

void expectRefusal(const Result<DeviceChoice>& choice, ErrorKind kind, const std::string& words) {
  ASSERT_FALSE(choice) << choice->name;
  EXPECT_EQ(choice.error().kind, kind);
  EXPECT_THAT(describe(choice.error()), HasSubstr(words));
}

TEST(DeviceChoice, IsTheFirstDeviceThatIsUpWhenNoneIsAskedFor) {
  expectChoice(chooseDevice({}, kDownThenUp), "tap", Need::Nothing);
}

TEST(DeviceChoice, IsNotADeviceThatGoesAwayWithAnothersCapture) {
  const std::vector<VsockmonDevice> others = {
      {.name = "vsockmon0", .up = true, .alias = captureMark().alias}};
  expectChoice(chooseDevice({}, others), "vsockmon1", Need::MakePrivate);
  expectChoice(chooseDevice(on("vsockmon0"), others), "vsockmon0", Need::Nothing);
}

TEST(DeviceChoice, IsAPrivateDeviceWhenNoneIsUp) {
  expectChoice(chooseDevice({}, kNone), "vsockmon0", Need::MakePrivate);
}

TEST(DeviceChoice, GivesAPrivateDeviceANameThatIsFree) {
  const std::vector<VsockmonDevice> down = {{.name = "vsockmon1"}, {.name = "vsockmon0"}};
  expectChoice(chooseDevice({}, down), "vsockmon2", Need::MakePrivate);
}

TEST(DeviceChoice, BringsUpTheDeviceThatIsAskedFor) {
  expectChoice(chooseDevice(on("vsockmon0"), kDownThenUp), "vsockmon0", Need::BringUp);
  expectChoice(chooseDevice(on("tap"), kDownThenUp), "tap", Need::Nothing);
}

TEST(DeviceChoice, TakesANumberOfTheListThatCountsFromOne) {
  expectChoice(chooseDevice(on("1"), kDownThenUp), "vsockmon0", Need::BringUp);
  expectChoice(chooseDevice(on("2"), kDownThenUp), "tap", Need::Nothing);
}

TEST(DeviceChoice, RefusesANumberBeyondTheListAndSaysHowLongItIs) {
  for (const char* number : {"0", "3", "18446744073709551615"}) {
    expectRefusal(chooseDevice(on(number), kDownThenUp), ErrorKind::Usage,
                  "-D lists 2 vsockmon devices");
  }
}

TEST(DeviceChoice, MakesAMissingDeviceOnlyOfTheUsualNameOrOnDemand) {
  expectChoice(chooseDevice(on("vsockmon9"), kNone), "vsockmon9", Need::MakePrivate);
  expectRefusal(chooseDevice(on("vskmon9"), kNone), ErrorKind::NotFound, "--create");
  expectChoice(chooseDevice(on("vskmon9", true), kNone), "vskmon9", Need::MakePrivate);
}

TEST(DeviceChoice, ChangesNothingWhereThatIsForbidden) {
  expectRefusal(chooseDevice({.mayCreate = false}, kNone), ErrorKind::NotFound, "none is up");
  LiveOptions forbidden = on("vsockmon0");
  forbidden.mayCreate = false;
  expectRefusal(chooseDevice(forbidden, kNone), ErrorKind::NotFound, "there is no such device");
  expectRefusal(chooseDevice(forbidden, kDownThenUp), ErrorKind::NotFound, "the device is down");
}

TEST(DeviceChoice, NamesTheDevicesThatThereAreInARefusal) {
  expectRefusal(chooseDevice(on("vskmon9"), kDownThenUp), ErrorKind::NotFound,
                "vsock traffic is seen on vsockmon0, tap.");
  expectRefusal(chooseDevice(on("vskmon9"), kNone), ErrorKind::NotFound, "Leave -i out");
}

TEST(DeviceChoice, RefusesDevicesOfOtherKinds) {
  for (const char* name : {"lo", "any"}) {
    expectRefusal(chooseDevice(on(name, true), kNone), ErrorKind::Usage,
                  "vsock traffic passes vsockmon devices only");
  }
}

TEST(DeviceChoice, RefusesWhatTheKernelWouldNotTakeForAName) {
  for (const char* name : {"vsockmon 0", "vsockmon/0", "vsockmon0123456789", "", ".", ".."}) {
    expectRefusal(chooseDevice(on(name, true), kNone), ErrorKind::Usage,
                  "a device's name has 1 to 15 characters");
  }
}

}  // namespace
}  // namespace vsdump
