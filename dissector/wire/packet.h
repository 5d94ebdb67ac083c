// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/wire/frame.h"
