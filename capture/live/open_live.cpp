// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/open_live.h"

#include <pcap/pcap.h>

#include <utility>

#include "capture/filter/compiler.h"
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

/// Makes the device ready and opens it, in the network namespace that the choice asks for.
Result<PcapHandle> openChosen(const DeviceChoice& choice, const LiveOptions& options,
                              std::vector<std::string>& messages) {
  if (choice.need != DeviceChoice::Need::MakePrivate) {
    if (choice.need == DeviceChoice::Need::BringUp) {
      if (Result<void> up = bringUp(choice.name); !up) {
        return tl::unexpected(std::move(up.error()));
      }
    }
    return openPcap(choice.name, options, messages);
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
  return handle;
}

}  // namespace

Result<LiveCapture> openLive(const LiveOptions& options) {
  if (Result<void> checked = checkLinkType(options.linkType); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  LiveCapture capture;
  DeviceChoice choice;
  PcapHandle handle;
  const auto open = [&]() -> Result<void> {
    const Result<std::vector<VsockmonDevice>> devices = listVsockmonDevices();
    if (!devices) return tl::unexpected(devices.error());
    Result<DeviceChoice> chosen = chooseDevice(options, *devices);
    if (!chosen) return tl::unexpected(std::move(chosen.error()));
    choice = std::move(*chosen);
    Result<PcapHandle> opened = openChosen(choice, options, capture.messages);
    if (!opened) return tl::unexpected(std::move(opened.error()));
    handle = std::move(*opened);
    return {};
  };
  const Result<void> opened =
      options.networkNamespace ? inNetworkNamespace(*options.networkNamespace, open) : open();
  if (!opened) return tl::unexpected(opened.error());
  if (!choice.message.empty()) {
    capture.messages.insert(capture.messages.begin(), std::move(choice.message));
  }

  capture.source = std::make_unique<LiveSource>(std::move(handle), choice.name, options.waitLimit);
  const std::uint32_t snapshotLength = capture.source->interfaces().front().snapshotLength;
  Result<FilterProgram> program = programOf(options, snapshotLength);
  if (!program) return tl::unexpected(std::move(program.error()));
  if (Result<void> set = capture.source->setFilter(std::move(*program)); !set) {
    return tl::unexpected(std::move(set.error()));
  }
  return capture;
}

}  // namespace vsdump
