// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/open_live.h"

#include <linux/capability.h>
#include <pcap/pcap.h>

#include <utility>

#include "capture/filter/compiler.h"
#include "capture/helper/device_keeper.h"
#include "capture/live/device_choice.h"
#include "capture/live/pcap_handle.h"
#include "capture/live/private_network.h"

namespace vsdump {

namespace {

Result<void> checkLinkType(const std::optional<std::string>& name) {
  if (!name || pcap_datalink_name_to_val(name->c_str()) == DLT_VSOCK) return {};
  return tl::unexpected(Error{.kind = ErrorKind::Usage,
                              .attempted = "capture with the link type",
                              .subject = '"' + *name + '"',
                              .reason = "vsockmon devices have VSOCK only"});
}

/// The program for the whole of what the kernel is to let through.
Result<FilterProgram> programOf(const LiveOptions& options, std::uint32_t snapshotLengthBytes) {
  filter::Filter filter = options.filter;
  if (options.direction) {
    const Result<Cid> local = localCid();
    if (!local) return tl::unexpected(local.error());
    filter = filter::Filter(filter::allOf(
        {directionFilter(*options.direction, *local).expression(), filter.expression()}));
  }
  return compile(filter,
                 {.snapshotLengthBytes = snapshotLengthBytes, .optimize = options.optimizeFilter});
}

/// What opening a device has come to.
struct OpenDevice {
  PcapHandle handle;
  Descriptor keeper;  ///< see keepDevice(), where there is one
};

/// Removes what captures have left behind whose processes were killed all together.
Result<std::vector<VsockmonDevice>> listAfterCleaning(const LiveOptions& options,
                                                      std::vector<std::string>& messages) {
  Result<std::vector<VsockmonDevice>> devices = listVsockmonDevices();
  if (!devices || !options.mayCreate || !hasCapability(CAP_NET_ADMIN)) return devices;
  std::erase_if(*devices, [&](const VsockmonDevice& device) {
    if (!isLeftBehind(device) || !removeVsockmonDevice(device.name)) return false;
    messages.push_back("removed the device " + device.name +
                       ", which a capture that was killed had left behind");
    return true;
  });
  return devices;
}

/// Makes the device where everybody sees it, for want of the right to make a network namespace.
Result<OpenDevice> openInTheOpen(DeviceChoice& choice, const LiveOptions& options,
                                 std::vector<std::string>& messages) {
  const DeviceMark mark = captureMark();
  Result<Descriptor> keeper = keepDevice(mark, options.user);
  if (!keeper) return tl::unexpected(std::move(keeper.error()));
  if (Result<void> created = createVsockmonDevice(choice.name, mark); !created) {
    return tl::unexpected(std::move(created.error()));
  }
  choice.message = "made the device " + choice.name +
                   " (everybody here sees it; it goes away when the capture ends)";
  Result<PcapHandle> handle = openPcap(choice.name, options, messages);
  if (!handle) return tl::unexpected(std::move(handle.error()));
  return OpenDevice{std::move(*handle), std::move(*keeper)};
}

/// Makes the device ready and opens it, in the network namespace that the choice asks for.
Result<OpenDevice> openChosen(DeviceChoice& choice, const LiveOptions& options,
                              std::vector<std::string>& messages) {
  if (choice.need != DeviceChoice::Need::MakePrivate) {
    if (choice.need == DeviceChoice::Need::BringUp) {
      if (Result<void> up = bringUp(choice.name); !up) {
        return tl::unexpected(std::move(up.error()));
      }
    }
    Result<PcapHandle> handle = openPcap(choice.name, options, messages);
    if (!handle) return tl::unexpected(std::move(handle.error()));
    return OpenDevice{std::move(*handle), {}};
  }
  if (!hasCapability(CAP_SYS_ADMIN) && hasCapability(CAP_NET_ADMIN)) {
    return openInTheOpen(choice, options, messages);
  }
  PcapHandle handle;
  Result<void> opened = inPrivateNetwork([&]() -> Result<void> {
    if (Result<void> created = createVsockmonDevice(choice.name); !created) return created;
    Result<PcapHandle> inside = openPcap(choice.name, options, messages);
    if (!inside) return tl::unexpected(std::move(inside.error()));
    handle = std::move(*inside);
    return {};
  });
  if (!opened) return tl::unexpected(std::move(opened.error()));
  return OpenDevice{std::move(handle), {}};
}

}  // namespace

Result<LiveCapture> openLive(const LiveOptions& options) {
  if (Result<void> checked = checkLinkType(options.linkType); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  LiveCapture capture;
  DeviceChoice choice;
  OpenDevice device;
  const auto open = [&]() -> Result<void> {
    const auto devices = listAfterCleaning(options, capture.messages);
    if (!devices) return tl::unexpected(devices.error());
    Result<DeviceChoice> chosen = chooseDevice(options, *devices);
    if (!chosen) return tl::unexpected(std::move(chosen.error()));
    choice = std::move(*chosen);
    Result<OpenDevice> opened = openChosen(choice, options, capture.messages);
    if (!opened) return tl::unexpected(std::move(opened.error()));
    device = std::move(*opened);
    return {};
  };
  const Result<void> opened =
      options.networkNamespace ? inNetworkNamespace(*options.networkNamespace, open) : open();
  if (!opened) return tl::unexpected(opened.error());
  if (!choice.message.empty()) {
    capture.messages.insert(capture.messages.begin(), std::move(choice.message));
  }

  capture.source = std::make_unique<LiveSource>(std::move(device.handle), choice.name, options);
  capture.source->watchKeeper(std::move(device.keeper));
  const std::uint32_t snapshotLength = capture.source->interfaces().front().snapshotLength;
  Result<FilterProgram> program = programOf(options, snapshotLength);
  if (!program) return tl::unexpected(std::move(program.error()));
  if (Result<void> set = capture.source->setFilter(std::move(*program)); !set) {
    return tl::unexpected(std::move(set.error()));
  }
  return capture;
}

}  // namespace vsdump
