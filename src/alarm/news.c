#include "src/alarm/news.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *alarm_news_name(enum alarm_news news)
{
	switch (news) {
	case ALARM_RAISED:
		return "raised";
	case ALARM_OVER:
		return "over";
	case ALARM_SEEN:
		return "seen";
	case ALARM_FORGOTTEN:
		break;
	}
	return "forgotten";
}

static void set_safe(char **field, const char *text)
{
	struct str s = STR_INIT;

	str_add_safe(&s, text, strlen(text), ALARM_TEXT_SIZE);
	view_set(field, str_cstr(&s));
	str_clear(&s);
}

void alarm_notice(struct alarm_notice *out, const struct alarm *a, enum alarm_news news,
	const char *node, const char *network, int64_t wall_ms)
{
	const struct alarm_def *d = alarm_def(a->id);

	view_set(&out->event, alarm_news_name(news));
	set_safe(&out->id, a->key);
	view_set(&out->level, alarm_level_name(d->level));
	view_set(&out->title, d->title);
	set_safe(&out->text, a->text);
	view_set(&out->remedy, d->remedy);
	set_safe(&out->node, node);
	set_safe(&out->network, network);
	out->at_ms = wall_ms;
	out->since_ms = a->raised_ms;
	out->first_ms = a->first_ms;
	out->count = a->count;
}

/* A program of the operator's needs these; all others may be secrets (LP_*). */
static bool is_passed_on(const char *variable)
{
	static const char *const names[] = {"PATH=", "HOME=", "USER=", "LOGNAME=", "LANG=",
		"LC_ALL=", "TZ="};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_has_prefix(variable, names[i]))
			return true;
	return false;
}

static void add(char ***list, size_t *n, const char *fmt, ...) printf_like(3, 4);
static void add(char ***list, size_t *n, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	*list = xrealloc_array(*list, *n + 2, sizeof(**list));
	(*list)[(*n)++] = str_take(&s);
	(*list)[*n] = NULL;
}

char **alarm_environment(const struct alarm_notice *a, char *const *inherited)
{
	char **list = NULL;
	size_t n = 0;

	for (size_t i = 0; inherited[i]; i++)
		if (is_passed_on(inherited[i]))
			add(&list, &n, "%s", inherited[i]);
	add(&list, &n, "WEIR_ALARM_EVENT=%s", view_text(a->event));
	add(&list, &n, "WEIR_ALARM_ID=%s", view_text(a->id));
	add(&list, &n, "WEIR_ALARM_LEVEL=%s", view_text(a->level));
	add(&list, &n, "WEIR_ALARM_TITLE=%s", view_text(a->title));
	add(&list, &n, "WEIR_ALARM_TEXT=%s", view_text(a->text));
	add(&list, &n, "WEIR_ALARM_REMEDY=%s", view_text(a->remedy));
	add(&list, &n, "WEIR_ALARM_NODE=%s", view_text(a->node));
	add(&list, &n, "WEIR_ALARM_NETWORK=%s", view_text(a->network));
	add(&list, &n, "WEIR_ALARM_SINCE=%" PRId64, a->since_ms / 1000);
	add(&list, &n, "WEIR_ALARM_COUNT=%" PRId64, a->count);
	return list;
}
