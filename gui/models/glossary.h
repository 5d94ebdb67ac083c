// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace vsdump::gui {

/// A word of vsock or of its captures, and what it means, for those who meet it in the window.
struct GlossaryRow {
  std::string_view word;
  std::string_view meaning;
};

std::span<const GlossaryRow> glossary();

/// What a word means; empty for one that is not there.
std::string_view meaningOf(std::string_view word);

}  // namespace vsdump::gui
