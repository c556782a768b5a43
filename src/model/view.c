#include "src/model/view.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/str.h"

#define S(f) {#f, VIEW_TEXT, offsetof(owner, f), NULL},
#define I(f) {#f, VIEW_INT, offsetof(owner, f), NULL},
#define D(f) {#f, VIEW_DOUBLE, offsetof(owner, f), NULL},
#define B(f) {#f, VIEW_BOOL, offsetof(owner, f), NULL},
#define L(f, T) {#f, VIEW_LIST, offsetof(owner, f), T##_desc},
/* A function each, so that `owner` can mean the struct being described. */
#define OBJECT(obj, ...) \
	const struct view_desc *obj##_desc(void) \
	{ \
		typedef struct obj owner; \
		static const struct view_field fields[] = {__VA_ARGS__}; \
		static const struct view_desc desc = { \
			#obj, sizeof(owner), fields, ARRAY_SIZE(fields)}; \
		return &desc; \
	}
#include "src/model/view.def"
#undef S
#undef I
#undef D
#undef B
#undef L
#undef OBJECT

const struct view_desc *section_desc(enum section s)
{
	switch (s) {
	case SECTION_NODE:
		return view_node_desc();
	case SECTION_STREAMS:
		return view_streams_desc();
	case SECTION_SESSIONS:
		return view_sessions_desc();
	case SECTION_TRANSCODERS:
		return view_transcoders_desc();
	case SECTION_ORCHESTRATORS:
		return view_orchestrators_desc();
	case SECTION_CHAIN:
		return view_chain_desc();
	case SECTION_STAKING:
		return view_staking_desc();
	case SECTION_PRICING:
		return view_pricing_desc();
	case SECTION_FUNDS:
		return view_funds_desc();
	case SECTION_TICKETS:
		return view_tickets_desc();
	case SECTION_TXS:
		return view_txs_desc();
	case SECTION_DOCTOR:
		return view_doctor_desc();
	case SECTION_SETTINGS:
		return view_settings_desc();
	case SECTION_DEVICES:
		return view_devices_desc();
	case SECTION_MIGRATION:
		return view_migration_desc();
	case SECTION_WIZARD:
		return view_wizard_desc();
	case SECTION_COUNT:
		break;
	}
	return NULL;
}

const char *section_name(enum section s)
{
	return section_desc(s)->name + strlen("view_");
}

void view_clear(const struct view_desc *d, void *view)
{
	for (size_t i = 0; i < d->fields_n; i++) {
		const struct view_field *f = &d->fields[i];
		char *at = (char *)view + f->offset;
		struct view_list *list = (struct view_list *)at;

		if (f->type == VIEW_TEXT)
			free(*(char **)at);
		if (f->type != VIEW_LIST)
			continue;
		for (size_t k = 0; k < list->n; k++)
			view_clear(f->item(),
				(char *)list->v + k * f->item()->size);
		free(list->v);
	}
	memset(view, 0, d->size);
}

void view_set(char **field, const char *text)
{
	char *copy = text ? xstrdup(text) : NULL;

	free(*field);
	*field = copy;
}

void view_setf(char **field, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	free(*field);
	*field = str_take(&s);
}

const char *view_text(const char *field)
{
	return field ? field : "";
}
