#include "src/alarm/rules.h"

void alarm_rules(struct alarm_facts *f, struct alarm_memory *m, struct alarm_book *b)
{
	f->limits = alarm_limits_read(f->settings);
	rules_work(f, m, b);
	rules_devices(f, b);
	rules_chain(f, m, b);
	rules_stake(f, b);
	rules_money(f, b);
}
