/* What the hardware says of itself. */
#include "src/alarm/rules.h"

#define HOT 90 /* degrees Celsius: GPUs slow down a little above */
#define HOT_ON 85
#define FULL_PERCENT 95
#define FULL_PERCENT_ON 90

static void check_gpu(const struct device_row *d, struct alarm_book *b)
{
	const char *id = view_text(d->id);
	int64_t hot = alarm_is_on(b, ALARM_GPU_HOT, id) ? HOT_ON : HOT;
	int64_t full = alarm_is_on(b, ALARM_GPU_MEMORY, id) ? FULL_PERCENT_ON : FULL_PERCENT;

	if (field_is(d->state, "silent"))
		alarm_see(b, ALARM_GPU_SILENT, id, "the driver of %s (%s) does not answer", id,
			view_text(d->name));
	if (d->temperature >= hot)
		alarm_see(b, ALARM_GPU_HOT, id, "%s (%s) is at %lld degrees Celsius", id,
			view_text(d->name), (long long)d->temperature);
	if (d->memory_total > 0 && d->memory_used * 100 >= d->memory_total * full)
		alarm_see(b, ALARM_GPU_MEMORY, id, "%lld %% of the memory of %s (%s) is used",
			(long long)(d->memory_used * 100 / d->memory_total), id,
			view_text(d->name));
}

void rules_devices(const struct alarm_facts *f, struct alarm_book *b)
{
	for (size_t i = 0; i < f->devices->rows.n; i++)
		if (field_is(f->devices->rows.v[i].kind, "gpu"))
			check_gpu(&f->devices->rows.v[i], b);
}
