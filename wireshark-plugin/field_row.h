// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "wireshark-plugin/epan.h"

namespace vsdump {

/// A field in Wireshark's form, which keeps pointers to all of it for as long as it runs.
inline hf_register_info row(int& id, const char* name, const char* filter, ftenum type, int display,
                            const void* strings = nullptr, const char* blurb = nullptr,
                            std::uint64_t mask = 0) {
  return {&id, {name, filter, type, display, strings, mask, blurb, HFILL}};
}

}  // namespace vsdump
