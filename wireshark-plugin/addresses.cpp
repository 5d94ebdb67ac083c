// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/addresses.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <type_traits>

namespace vsdump {

namespace {

int cidType = -1;
int endType = -1;

/// What an end's bytes hold. Without padding: Wireshark compares and hashes them.
struct EndBytes {
  std::uint64_t cid;
  std::uint32_t port;
  std::uint32_t zero;
};
static_assert(std::has_unique_object_representations_v<EndBytes>);

constexpr int kCidTextBytes = 21;  // 20 digits and the zero byte
constexpr int kEndTextBytes = 32;  // and a dot and 10 digits

template <typename T>
T valueOf(const address* from) {
  T value{};
  if (from->len == static_cast<int>(sizeof(value))) std::memcpy(&value, from->data, sizeof(value));
  return value;
}

int cidText(const address* from, gchar* buffer, int size) {
  std::snprintf(buffer, static_cast<std::size_t>(size), "%" PRIu64, valueOf<std::uint64_t>(from));
  return static_cast<int>(std::strlen(buffer)) + 1;
}

int endText(const address* from, gchar* buffer, int size) {
  const auto end = valueOf<EndBytes>(from);
  std::snprintf(buffer, static_cast<std::size_t>(size), "%" PRIu64 ".%" PRIu32, end.cid, end.port);
  return static_cast<int>(std::strlen(buffer)) + 1;
}

const char* cidFilter(const address*, gboolean isSource) {
  return isSource != FALSE ? "vsockmon.src_cid" : "vsockmon.dst_cid";
}

const char* endFilter(const address*, gboolean isSource) {
  return isSource != FALSE ? "vsockmon.src" : "vsockmon.dst";
}

}  // namespace

void registerAddresses() {
  cidType = address_type_dissector_register(
      "AT_VSOCKMON_CID", "vsock CID", cidText, [](const address*) { return kCidTextBytes; },
      nullptr, cidFilter, [] { return static_cast<int>(sizeof(std::uint64_t)); }, nullptr, nullptr);
  endType = address_type_dissector_register(
      "AT_VSOCKMON_END", "vsock CID and port", endText,
      [](const address*) { return kEndTextBytes; }, nullptr, endFilter,
      [] { return static_cast<int>(sizeof(EndBytes)); }, nullptr, nullptr);
}

void setCid(wmem_allocator_t* scope, address* to, Cid cid) {
  const std::uint64_t value = raw(cid);
  alloc_address_wmem(scope, to, cidType, sizeof(value), &value);
}

void setEnd(wmem_allocator_t* scope, address* to, const Address& end) {
  const EndBytes value{raw(end.cid), raw(end.port), 0};
  alloc_address_wmem(scope, to, endType, sizeof(value), &value);
}

}  // namespace vsdump
