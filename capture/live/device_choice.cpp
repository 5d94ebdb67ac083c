// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/device_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <net/if.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "capture/helper/device_keeper.h"

namespace vsdump {

namespace {

using Devices = std::span<const VsockmonDevice>;

constexpr std::string_view kNamePrefix = "vsockmon";

const VsockmonDevice* find(Devices devices, std::string_view name) {
  const auto found = std::find_if(devices.begin(), devices.end(),
                                  [&](const VsockmonDevice& each) { return each.name == name; });
  return found == devices.end() ? nullptr : &*found;
}

/// What could be captured on instead.
std::string alternatives(Devices devices) {
  if (devices.empty()) return "Leave -i out, and vsdump makes a vsockmon device for the capture.";
  std::vector<std::string_view> names;
  for (const VsockmonDevice& each : devices) names.push_back(each.name);
  return fmt::format("vsock traffic is seen on {}.", fmt::join(names, ", "));
}

Error refusal(ErrorKind kind, std::string_view name, std::string reason, std::string hint) {
  return {.kind = kind,
          .attempted = "capture on",
          .subject = std::string(name),
          .reason = std::move(reason),
          .hint = std::move(hint)};
}

DeviceChoice use(const VsockmonDevice& device) {
  if (device.up) return {.name = device.name, .need = DeviceChoice::Need::Nothing, .message = {}};
  return {
      .name = device.name,
      .need = DeviceChoice::Need::BringUp,
      .message = fmt::format("the device {} was down: brought it up (it stays up)", device.name)};
}

/// Refuses what would change the system where that was forbidden.
Result<DeviceChoice> checkMayChange(const LiveOptions& options, DeviceChoice choice,
                                    Devices devices) {
  if (choice.need == DeviceChoice::Need::Nothing) return choice;
  const bool isThere = choice.need == DeviceChoice::Need::BringUp;
  if (!options.mayCreate && !options.interface) {
    return tl::unexpected(refusal(ErrorKind::NotFound, "a vsockmon device", "none is up",
                                  "Leave --no-create out to have one made."));
  }
  if (!options.mayCreate) {
    return tl::unexpected(refusal(ErrorKind::NotFound, choice.name,
                                  isThere ? "the device is down" : "there is no such device",
                                  isThere ? "Leave --no-create out to have it brought up."
                                          : "Leave --no-create out to have one made."));
  }
  if (options.networkNamespace && !isThere) {
    return tl::unexpected(
        refusal(ErrorKind::NotFound, choice.name,
                fmt::format("the network namespace {} has no such device that is up",
                            *options.networkNamespace),
                devices.empty() ? "Leave --netns out: a device of any namespace shows all traffic."
                                : alternatives(devices)));
  }
  return choice;
}

/// The first device that is up and no capture's own, else a private one under a name that is free.
DeviceChoice chooseAny(Devices devices) {
  const auto up = std::find_if(devices.begin(), devices.end(), [](const VsockmonDevice& each) {
    return each.up && !isOfACapture(each);
  });
  if (up != devices.end()) return use(*up);
  int number = 0;
  while (find(devices, fmt::format("{}{}", kNamePrefix, number)) != nullptr) ++number;
  return {.name = fmt::format("{}{}", kNamePrefix, number),
          .need = DeviceChoice::Need::MakePrivate,
          .message =
              "no vsockmon device is up: made a private one (it goes away when the capture ends)"};
}

/// The number that a text consists of, if it is one.
std::optional<std::size_t> asNumber(std::string_view text) {
  std::size_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<DeviceChoice> chooseFreely(const LiveOptions& options, Devices devices) {
  if (!options.interface) return chooseAny(devices);
  const std::string& name = *options.interface;
  if (const VsockmonDevice* device = find(devices, name)) return use(*device);
  if (const std::optional<std::size_t> number = asNumber(name)) {
    if (*number >= 1 && *number <= devices.size()) return use(devices[*number - 1]);
    return tl::unexpected(
        refusal(ErrorKind::Usage, name,
                fmt::format("-D lists {} vsockmon devices here, so it is not the number of one",
                            devices.size()),
                alternatives(devices)));
  }
  if (!isValidDeviceName(name)) {
    return tl::unexpected(refusal(
        ErrorKind::Usage, '"' + name + '"',
        "a device's name has 1 to 15 characters, no blanks, / or :", alternatives(devices)));
  }
  if (name == "any" || if_nametoindex(name.c_str()) != 0) {
    return tl::unexpected(refusal(ErrorKind::Usage, name,
                                  "vsock traffic passes vsockmon devices only, and it is none",
                                  alternatives(devices)));
  }
  if (!name.starts_with(kNamePrefix) && !options.createAnyName) {
    return tl::unexpected(
        refusal(ErrorKind::NotFound, name, "there is no such device",
                fmt::format("A missing device is made for the capture when its name begins with "
                            "{}, or with --create. {}",
                            kNamePrefix, alternatives(devices))));
  }
  return DeviceChoice{
      .name = name,
      .need = DeviceChoice::Need::MakePrivate,
      .message = fmt::format("there was no device {}: made a private one of that name (it goes "
                             "away when the capture ends)",
                             name)};
}

}  // namespace

Result<DeviceChoice> chooseDevice(const LiveOptions& options, Devices devices) {
  Result<DeviceChoice> choice = chooseFreely(options, devices);
  if (!choice) return choice;
  return checkMayChange(options, std::move(*choice), devices);
}

}  // namespace vsdump
