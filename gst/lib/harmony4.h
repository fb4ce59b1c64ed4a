/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_HARMONY4_H__
#define __GST_HARMONY4_H__

#include "gsth4kind.h"
#include "gsth4meta.h"
#include "gsth4mkerror.h"
#include "gsth4mkformat.h"
#include "gsth4mkindex.h"
#include "gsth4mkparser.h"
#include "gsth4mksigningkey.h"
#include "gsth4mktoken.h"
#include "gsth4mktracks.h"
#include "gsth4mkverify.h"
#include "gsth4mkwriter.h"
#include "gsth4videotoken.h"

#endif
