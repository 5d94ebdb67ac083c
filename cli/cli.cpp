// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/options.h"
