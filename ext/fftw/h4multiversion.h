/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef __H4_MULTIVERSION_H__
#define __H4_MULTIVERSION_H__

/* Compiled once more for wider vectors and chosen when the program is loaded.
 * Without fused products all versions round alike. */
#ifdef HAVE_TARGET_CLONES
#define GST_H4_MULTIVERSION \
    __attribute__ ((target_clones ("default", "avx2", "arch=x86-64-v4")))
#else
#define GST_H4_MULTIVERSION
#endif

#endif
