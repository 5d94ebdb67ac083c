# SPDX-License-Identifier: GPL-2.0-or-later
"""How the captures beside this folder are made."""
