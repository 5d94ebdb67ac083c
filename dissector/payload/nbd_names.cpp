// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/nbd_names.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace vsdump::payload {

namespace {

struct Name {
  std::uint32_t value;
  std::string_view name;
};

constexpr auto kOptions = std::to_array<Name>({{1, "EXPORT_NAME"},
                                               {2, "ABORT"},
                                               {3, "LIST"},
                                               {4, "PEEK_EXPORT"},
                                               {5, "STARTTLS"},
                                               {6, "INFO"},
                                               {7, "GO"},
                                               {8, "STRUCTURED_REPLY"},
                                               {9, "LIST_META_CONTEXT"},
                                               {10, "SET_META_CONTEXT"},
                                               {11, "EXTENDED_HEADERS"}});
constexpr auto kRequests = std::to_array<Name>({{0, "READ"},
                                                {1, "WRITE"},
                                                {2, "DISC"},
                                                {3, "FLUSH"},
                                                {4, "TRIM"},
                                                {5, "CACHE"},
                                                {6, "WRITE_ZEROES"},
                                                {7, "BLOCK_STATUS"},
                                                {8, "RESIZE"}});
constexpr auto kOptionErrors = std::to_array<Name>({{1, "ERR_UNSUP"},
                                                    {2, "ERR_POLICY"},
                                                    {3, "ERR_INVALID"},
                                                    {4, "ERR_PLATFORM"},
                                                    {5, "ERR_TLS_REQD"},
                                                    {6, "ERR_UNKNOWN"},
                                                    {7, "ERR_SHUTDOWN"},
                                                    {8, "ERR_BLOCK_SIZE_REQD"},
                                                    {9, "ERR_TOO_BIG"},
                                                    {10, "ERR_EXT_HEADER_REQD"}});
constexpr auto kErrors = std::to_array<Name>({{1, "EPERM"},
                                              {5, "EIO"},
                                              {12, "ENOMEM"},
                                              {22, "EINVAL"},
                                              {28, "ENOSPC"},
                                              {75, "EOVERFLOW"},
                                              {95, "ENOTSUP"},
                                              {108, "ESHUTDOWN"}});
constexpr auto kFlags = std::to_array<Name>({{1, "fua"},
                                             {2, "no_hole"},
                                             {4, "df"},
                                             {8, "req_one"},
                                             {16, "fast_zero"},
                                             {32, "payload_len"}});

std::string nameIn(std::span<const Name> names, std::uint32_t value, std::string_view what) {
  const auto found = std::ranges::find(names, value, &Name::value);
  if (found != names.end()) return std::string(found->name);
  return std::string(what) + ' ' + std::to_string(value);
}

}  // namespace

std::string nbdOptionName(std::uint32_t option) {
  return nameIn(kOptions, option, "option");
}

std::string nbdRequestName(std::uint16_t type) {
  return nameIn(kRequests, type, "type");
}

std::string nbdOptionErrorName(std::uint32_t type) {
  return nameIn(kOptionErrors, type & 0x7FFFFFFF, "error");
}

std::string nbdErrorName(std::uint32_t error) {
  return nameIn(kErrors, error, "error");
}

std::string nbdFlagNames(std::uint16_t flags) {
  std::string names;
  for (const Name& flag : kFlags) {
    if ((flags & flag.value) == 0) continue;
    if (!names.empty()) names += ',';
    names += flag.name;
  }
  return names;
}

}  // namespace vsdump::payload
