#include "ui/keys.h"

#include "ui/canvas.h"

#include <string.h>

#define ACTION(name, context, brief, help, ...) \
	[ACTION_##name] = {ACTION_##name, CONTEXT_##context, brief, help, \
		{__VA_ARGS__}},
static const struct action_def table[ACTION_COUNT] = {
#include "ui/keys.def"
};
#undef ACTION

static const struct {
	int key;
	const char *name;
} names[] = {
	{K_TAB, "Tab"},
	{K_ENTER, "Enter"},
	{K_ESCAPE, "Esc"},
	{K_BACKSPACE, "Backspace"},
	{K_UP, "Up"},
	{K_DOWN, "Down"},
	{K_LEFT, "Left"},
	{K_RIGHT, "Right"},
	{K_PAGE_UP, "PgUp"},
	{K_PAGE_DOWN, "PgDn"},
	{K_HOME, "Home"},
	{K_END, "End"},
	{K_DELETE, "Del"},
	{K_BACK_TAB, "S-Tab"},
	{K_F1, "F1"},
	{K_F2, "F2"},
	{K_F3, "F3"},
	{' ', "Space"},
};

const struct action_def *action_def(enum action a)
{
	return &table[a];
}

bool context_has(enum context where, enum context keys_of)
{
	bool asks = where >= CONTEXT_PROMPT && where <= CONTEXT_EDITING;
	bool columns = !asks && where != CONTEXT_OVERVIEW && where != CONTEXT_DETAIL &&
		where != CONTEXT_LOG;

	switch (keys_of) {
	case CONTEXT_OVERVIEW:
	case CONTEXT_ALARMS:
	case CONTEXT_SESSIONS:
	case CONTEXT_DETAIL:
	case CONTEXT_TRANSCODERS:
	case CONTEXT_LOG:
	case CONTEXT_STAKING:
	case CONTEXT_PRICING:
	case CONTEXT_FUNDS:
	case CONTEXT_TICKETS:
	case CONTEXT_TXS:
	case CONTEXT_DOCTOR:
	case CONTEXT_SETTINGS:
	case CONTEXT_MIGRATION:
	case CONTEXT_PROMPT:
	case CONTEXT_FORM:
	case CONTEXT_CONFIRM:
	case CONTEXT_TYPED:
	case CONTEXT_LEAVING:
	case CONTEXT_PICKER:
		return where == keys_of;
	case CONTEXT_EDITING:
		return where == CONTEXT_PROMPT || where == CONTEXT_FORM || where == keys_of;
	case CONTEXT_LIST:
		return columns || where == CONTEXT_LOG;
	case CONTEXT_TABLE:
		return columns;
	case CONTEXT_MOVING:
	case CONTEXT_EVERYWHERE:
		return !asks;
	case CONTEXT_COUNT:
		break;
	}
	return false;
}

enum action keys_find(enum context context, int key)
{
	/* The table is in order of precedence. */
	for (enum action a = 0; a < ACTION_COUNT; a++) {
		if (!context_has(context, table[a].context))
			continue;
		for (size_t k = 0; k < ACTION_KEYS_MAX; k++) {
			if (key && table[a].keys[k] == key)
				return a;
		}
	}
	return ACTION_NONE;
}

enum mouse key_mouse(int key, int *x, int *y)
{
	*x = key & 0xfff;
	*y = key >> 12 & 0xfff;
	return key & 0x8000000 ? (enum mouse)(key >> 24 & 7) : 0;
}

const char *context_title(enum context c)
{
	static const char *const titles[CONTEXT_COUNT] = {"Overview",
		"Alarms", "Sessions", "One session", "Transcoders", "Log", "Staking",
		"Price and renditions", "Funds", "Tickets", "Transactions",
		"Doctor", "Settings", "Migration", "A line", "A question",
		"A question to type the answer to", "Leaving", "Nodes", "A form", "Editing",
		"Lists",
		"Tables", "Moving", "Everywhere"};

	return titles[c];
}

void key_text(int key, struct str *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].key == key) {
			str_add(out, names[i].name);
			return;
		}
	}
	if (key > 0 && key < 0x20)
		str_printf(out, "^%c", key + '@');
	else if (key > 0 && key < 0x110000)
		utf8_add(out, (uint32_t)key);
}

int key_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(names[i].name, name))
			return names[i].key;
	}
	if (name[0] == '^' && name[1] && !name[2])
		return K_CTRL(name[1]);
	if (name[0] && !name[1])
		return (unsigned char)name[0];
	return K_NONE;
}
