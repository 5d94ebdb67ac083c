// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Wireshark's headers, in one place and in an order that works for all of them.
#include <epan/address_types.h>
#include <epan/conversation.h>
#include <epan/conversation_filter.h>
#include <epan/conversation_table.h>
#include <epan/decode_as.h>
#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/follow.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <wiretap/wtap.h>
#include <ws_version.h>
#include <wsutil/report_message.h>

extern "C" {  // this one does not say so itself
#include <epan/show_exception.h>
}
