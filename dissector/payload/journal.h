// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// Entries of a systemd journal that a virtual machine forwards, in the journal export format.
/// **Source** https://systemd.io/JOURNAL_EXPORT_FORMATS/
extern const Protocol kJournal;

}  // namespace vsdump::payload
