# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots the test machines; runs outside of them."""
