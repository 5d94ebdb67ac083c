// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/pcap_handle.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <climits>
#include <utility>

namespace vsdump {

namespace {

/// The kernel hands a block of packets over when it is full or this old, at most twice as old.
/// libpcap's own immediate mode is not used: its ring has a slot of full size for each packet, so
/// that 64 MiB hold only 256 packets.
constexpr int kBatchMilliseconds = 50;
constexpr int kImmediateMilliseconds = 5;

constexpr const char* kCaptureOn = "capture on";

/// What pcap_activate() has returned, as an error.
Error activationError(int status, pcap* handle, const std::string& device) {
  const std::string words = pcap_geterr(handle);
  Error error{.kind = ErrorKind::Io,
              .attempted = kCaptureOn,
              .subject = device,
              .reason = words.empty() ? pcap_statustostr(status) : words};
  switch (status) {
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
      error.kind = ErrorKind::Permission;
      error.reason = pcap_statustostr(status);
      error.hint = "Capturing needs the capability CAP_NET_RAW: run vsdump as root.";
      break;
    case PCAP_ERROR_NO_SUCH_DEVICE:
      error.kind = ErrorKind::NotFound;
      error.reason = pcap_statustostr(status);
      break;
    case PCAP_ERROR_IFACE_NOT_UP:
      error.kind = ErrorKind::NotFound;
      error.hint = "It went down just now; try again.";
      break;
    default:
      if (words.find("ring") != std::string::npos) {
        error.hint = "Where memory is short, -B asks for a smaller buffer.";
      }
      break;
  }
  return error;
}

Result<void> setTimestampType(pcap* handle, const std::string& device, const std::string& name,
                              std::vector<std::string>& messages) {
  const int type = pcap_tstamp_type_name_to_val(name.c_str());
  if (type == PCAP_ERROR) {
    return tl::unexpected(Error{.kind = ErrorKind::Usage,
                                .reason = '"' + name + "\" is not a type of time stamp",
                                .hint = "-J lists those that there are."});
  }
  if (pcap_set_tstamp_type(handle, type) == PCAP_WARNING_TSTAMP_TYPE_NOTSUP) {
    messages.push_back(device + " has no time stamps of the type " + name +
                       ": the host's are used");
  }
  return {};
}

}  // namespace

void PcapFree::operator()(pcap* handle) const noexcept {
  pcap_close(handle);
}

Result<PcapHandle> openPcap(const std::string& device, const LiveOptions& options,
                            std::vector<std::string>& messages) {
  constexpr std::uint32_t kMaxKiB = INT_MAX / 1024;
  if (options.bufferKiB == 0 || options.bufferKiB > kMaxKiB) {
    return tl::unexpected(
        Error{.kind = ErrorKind::Usage,
              .reason = fmt::format("a buffer of {} KiB cannot be made", options.bufferKiB),
              .hint = fmt::format("-B takes 1 to {}.", kMaxKiB)});
  }
  char words[PCAP_ERRBUF_SIZE] = "";
  PcapHandle handle(pcap_create(device.c_str(), words));
  if (!handle) {
    return tl::unexpected(
        Error{.kind = ErrorKind::Io, .attempted = kCaptureOn, .subject = device, .reason = words});
  }
  pcap_set_snaplen(handle.get(), static_cast<int>(options.snapshotLengthBytes));
  pcap_set_buffer_size(handle.get(), static_cast<int>(options.bufferKiB * 1024));
  pcap_set_timeout(handle.get(), options.immediate ? kImmediateMilliseconds : kBatchMilliseconds);
  pcap_set_promisc(handle.get(), options.promiscuous ? 1 : 0);
  pcap_set_tstamp_precision(handle.get(), PCAP_TSTAMP_PRECISION_NANO);
  if (options.timestampType) {
    const Result<void> set =
        setTimestampType(handle.get(), device, *options.timestampType, messages);
    if (!set) return tl::unexpected(set.error());
  }

  const int status = pcap_activate(handle.get());
  if (status < 0) return tl::unexpected(activationError(status, handle.get(), device));
  if (status > 0) {
    messages.push_back(fmt::format("{}: {}", device, pcap_statustostr(status)));
  }
  if (const int type = pcap_datalink(handle.get()); type != DLT_VSOCK) {
    const char* name = pcap_datalink_val_to_name(type);
    return tl::unexpected(Error{
        .kind = ErrorKind::Usage,
        .attempted = kCaptureOn,
        .subject = device,
        .reason = fmt::format("its link type is {}, not VSOCK", name != nullptr ? name : "unknown"),
        .hint = "Leave -i out, and vsdump finds or makes a device."});
  }
  if (pcap_setnonblock(handle.get(), 1, words) != 0) {
    return tl::unexpected(
        Error{.kind = ErrorKind::Io, .attempted = kCaptureOn, .subject = device, .reason = words});
  }
  return handle;
}

}  // namespace vsdump
