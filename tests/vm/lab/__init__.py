# SPDX-License-Identifier: GPL-2.0-or-later
"""Building blocks for scripts that run inside the test machines: taps, traffic, guests, a log."""
