/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4plan.h"

#define N_PLANS (16 + 1)
G_STATIC_ASSERT (GST_H4_PLAN_MAX_SIZE == 1 << (N_PLANS - 1));

/* FFTW may run a plan in many threads at once, but make only one at a time. */
static GMutex planner_lock;
static fftw_plan plans[N_PLANS];

/* ESTIMATE looks at no clock, so one machine always makes the same plan and
 * the same last bits; for these sizes it is as fast as MEASURE. */
static fftw_plan
make_plan (guint size)
{
  gdouble *in = fftw_alloc_real (size);
  fftw_complex *out = fftw_alloc_complex (size / 2 + 1);
  fftw_plan plan = NULL;

  if (in && out)
    plan = fftw_plan_dft_r2c_1d (size, in, out,
        FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
  fftw_free (in);
  fftw_free (out);
  return plan;
}

/**
 * gst_h4_plan_get:
 * @size: a power of two, from %GST_H4_PLAN_MIN_SIZE to %GST_H4_PLAN_MAX_SIZE
 *
 * The plan of a real transform of @size doubles, made by the first caller and
 * kept as long as the process lives. Run it by fftw_execute_dft_r2c() on two
 * different arrays of fftw_malloc(); it overwrites its input.
 *
 * Returns: (transfer none) (nullable): the plan, %NULL without memory
 *
 * Since: 1.0
 */
fftw_plan
gst_h4_plan_get (guint size)
{
  guint slot = g_bit_nth_lsf (size, -1);
  fftw_plan plan;

  g_return_val_if_fail (size >= GST_H4_PLAN_MIN_SIZE
      && size <= GST_H4_PLAN_MAX_SIZE && (size & (size - 1)) == 0, NULL);

  plan = g_atomic_pointer_get (&plans[slot]);
  if (plan)
    return plan;

  g_mutex_lock (&planner_lock);
  plan = g_atomic_pointer_get (&plans[slot]);
  if (!plan) {
    plan = make_plan (size);
    g_atomic_pointer_set (&plans[slot], plan);
  }
  g_mutex_unlock (&planner_lock);
  return plan;
}
