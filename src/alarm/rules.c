#include "src/alarm/rules.h"

void alarm_rules(const struct alarm_facts *f, struct alarm_memory *m, struct alarm_book *b)
{
	rules_work(f, m, b);
	rules_devices(f, b);
	rules_chain(f, m, b);
	rules_stake(f, b);
	rules_money(f, b);
}
