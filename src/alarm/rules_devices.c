/* What the hardware says of itself. */
#include "src/alarm/rules.h"

/* So much less, for it to be over: degrees Celsius, and %. */
#define COOLER 5
#define EMPTIER 5

static void check_gpu(const struct alarm_limits *l, const struct device_row *d,
	struct alarm_book *b)
{
	const char *id = view_text(d->id);
	int64_t hot = l->temperature - (alarm_is_on(b, ALARM_GPU_HOT, id) ? COOLER : 0);
	int64_t full = l->memory - (alarm_is_on(b, ALARM_GPU_MEMORY, id) ? EMPTIER : 0);

	if (field_is(d->state, "silent"))
		alarm_see(b, ALARM_GPU_SILENT, id, "the driver of %s (%s) does not answer", id,
			view_text(d->name));
	if (l->temperature && d->temperature >= hot)
		alarm_see(b, ALARM_GPU_HOT, id, "%s (%s) is at %lld degrees Celsius", id,
			view_text(d->name), (long long)d->temperature);
	if (l->memory && d->memory_total > 0 &&
		d->memory_used * 100 >= d->memory_total * full)
		alarm_see(b, ALARM_GPU_MEMORY, id, "%lld %% of the memory of %s (%s) is used",
			(long long)(d->memory_used * 100 / d->memory_total), id,
			view_text(d->name));
}

void rules_devices(const struct alarm_facts *f, struct alarm_book *b)
{
	for (size_t i = 0; i < f->devices->rows.n; i++)
		if (field_is(f->devices->rows.v[i].kind, "gpu"))
			check_gpu(&f->limits, &f->devices->rows.v[i], b);
}
