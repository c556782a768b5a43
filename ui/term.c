#include "ui/term.h"

#include "src/base/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <curses.h>

struct term {
	SCREEN *screen;
	enum glyphs glyphs;
	enum scheme scheme;
	struct cell *front; /* what is on the screen */
	int w, h;
	int cursor_x, cursor_y;
	bool forgotten;
};

/* For a crash, whose hook can reach nothing else. */
static struct {
	struct termios modes;
	char reset[128];
	size_t reset_n;
	volatile sig_atomic_t armed;
	bool hooked;
} rescue;

static void on_crash(void)
{
	if (!rescue.armed)
		return;
	rescue.armed = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
	if (write(STDOUT_FILENO, rescue.reset, rescue.reset_n) < 0)
		_exit(1);
}

static void arm_rescue(void)
{
	static const char *const capabilities[] = {"sgr0", "cnorm", "rmkx",
		"rmcup"};

	rescue.reset_n = 0;
	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++) {
		const char *s = tigetstr(capabilities[i]);
		size_t n = s && s != (char *)-1 ? strlen(s) : 0;

		if (!n || rescue.reset_n + n > sizeof(rescue.reset))
			continue;
		memcpy(rescue.reset + rescue.reset_n, s, n);
		rescue.reset_n += n;
	}
	rescue.armed = 1;
	if (!rescue.hooked)
		crash_hook(on_crash);
	rescue.hooked = true;
}

static bool term_is(const char *prefix)
{
	const char *term = getenv("TERM");

	return term && str_has_prefix(term, prefix);
}

static enum glyphs choose_glyphs(bool ascii)
{
	const char *acs = tigetstr("acsc");
	bool lines = acs && acs != (char *)-1;

	if (ascii)
		return GLYPHS_ASCII;
	/* Real ones, and the Linux console's font, have no blocks. */
	if (!strcmp(nl_langinfo(CODESET), "UTF-8") && !term_is("vt") &&
		!term_is("linux") && !term_is("ansi"))
		return GLYPHS_UNICODE;
	return lines ? GLYPHS_LINES : GLYPHS_ASCII;
}

/* COLORS is known only after start_color(), which writes: mono ones first. */
static enum scheme choose_scheme(enum color color)
{
	const char *no = getenv("NO_COLOR");

	if (color == COLOR_NEVER || !has_colors() ||
		(color == COLOR_AUTO && no && *no))
		return SCHEME_MONO;
	start_color();
	use_default_colors();
	if (COLORS < 8)
		return SCHEME_MONO;
	return color == COLOR_FORCE_16 || COLORS < 256 ? SCHEME_16
						       : SCHEME_256;
}

static void define_pairs(const struct term *t)
{
	for (enum style s = 0; t->scheme != SCHEME_MONO && s < STYLE_COUNT;
		s++) {
		struct look k = theme_look(t->scheme, s);

		init_pair((short)(s + 1), k.fg, k.bg);
	}
}

static void ask_size(struct term *t)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) || !ws.ws_col || !ws.ws_row)
		ws = (struct winsize){.ws_col = (unsigned short)COLS,
			.ws_row = (unsigned short)LINES};
	t->w = ws.ws_col < 1000 ? ws.ws_col : 1000;
	t->h = ws.ws_row < 1000 ? ws.ws_row : 1000;
	if (t->w != COLS || t->h != LINES)
		resizeterm(t->h, t->w);
	t->front = xrealloc_array(t->front, (size_t)t->w * (size_t)t->h,
		sizeof(*t->front));
	term_forget(t);
}

struct err *term_open(struct term **out, enum color color, bool ascii)
{
	const char *name = getenv("TERM"), *cup;
	struct term *t;

	*out = NULL;
	setlocale(LC_CTYPE, "");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_new(ERR_INVALID, "the console needs a terminal; "
			"\"weir status\" prints the same as text");
	t = XNEW(struct term);
	tcgetattr(STDIN_FILENO, &rescue.modes);
	t->screen = newterm(NULL, stdout, stdin);
	cup = t->screen ? tigetstr("cup") : NULL;
	if (!cup || cup == (char *)-1) {
		if (t->screen) {
			endwin();
			delscreen(t->screen);
		}
		free(t);
		return err_new(ERR_INVALID, "terminal type \"%s\" cannot place "
			"text; \"weir status\" prints the same as text",
			name ? name : "");
	}
	signal(SIGTSTP, SIG_DFL); /* term_suspend() does what ncurses' does */
	t->scheme = choose_scheme(color);
	t->glyphs = choose_glyphs(ascii);
	raw();
	noecho();
	nonl();
	set_escdelay(25);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	typeahead(-1); /* else a waiting key leaves a frame half drawn */
	idlok(stdscr, TRUE);
	define_pairs(t);
	curs_set(0);
	t->cursor_x = -1;
	arm_rescue();
	ask_size(t);
	*out = t;
	return NULL;
}

void term_close(struct term *t)
{
	if (!t)
		return;
	rescue.armed = 0;
	endwin();
	delscreen(t->screen);
	free(t->front);
	free(t);
}

int term_fd(const struct term *t)
{
	(void)t;
	return STDIN_FILENO;
}

void term_size(const struct term *t, int *w, int *h)
{
	*w = t->w;
	*h = t->h;
}

enum glyphs term_glyphs(const struct term *t)
{
	return t->glyphs;
}

static int function_key(wint_t code)
{
	switch (code) {
	case KEY_UP:
		return K_UP;
	case KEY_DOWN:
		return K_DOWN;
	case KEY_LEFT:
		return K_LEFT;
	case KEY_RIGHT:
		return K_RIGHT;
	case KEY_PPAGE:
		return K_PAGE_UP;
	case KEY_NPAGE:
		return K_PAGE_DOWN;
	case KEY_HOME:
		return K_HOME;
	case KEY_END:
		return K_END;
	case KEY_DC:
		return K_DELETE;
	case KEY_BTAB:
		return K_BACK_TAB;
	case KEY_BACKSPACE:
		return K_BACKSPACE;
	case KEY_ENTER:
		return K_ENTER;
	default:
		return code == KEY_F(1) ? K_F1 : K_NONE;
	}
}

int term_key(struct term *t)
{
	wint_t code;

	(void)t;
	for (;;) {
		int rc = get_wch(&code), key;

		if (rc == ERR)
			return K_NONE;
		key = rc == KEY_CODE_YES ? function_key(code)
			: code == '\n' ? K_ENTER
			: code == '\b' ? K_BACKSPACE : (int)code;
		/* Keys we have no name for are passed over. */
		if (key != K_NONE)
			return key;
	}
}

bool term_is_lost(const struct term *t)
{
	struct pollfd p = {STDIN_FILENO, POLLIN, 0};
	int waiting = 0;

	(void)t;
	if (poll(&p, 1, 0) <= 0)
		return false;
	if (p.revents & (POLLHUP | POLLERR | POLLNVAL))
		return true;
	/* Readable with nothing to read is the end of file. */
	return ioctl(STDIN_FILENO, FIONREAD, &waiting) || !waiting;
}

void term_forget(struct term *t)
{
	t->forgotten = true;
}

void term_resized(struct term *t)
{
	ask_size(t);
}

/* Box lines as the terminal's alternate character set. */
static const cchar_t *line_of(uint32_t ch)
{
	switch (ch) {
	case 0x2500:
		return WACS_HLINE;
	case 0x2502:
		return WACS_VLINE;
	case 0x250c:
		return WACS_ULCORNER;
	case 0x2510:
		return WACS_URCORNER;
	case 0x2514:
		return WACS_LLCORNER;
	case 0x2518:
		return WACS_LRCORNER;
	default:
		return NULL;
	}
}

static void put_cell(const struct term *t, int x, int y,
	const struct cell *cell)
{
	struct look k = theme_look(t->scheme, cell->style);
	short pair = t->scheme == SCHEME_MONO ? 0 : (short)(cell->style + 1);
	attr_t attrs = 0;
	wchar_t text[2] = {(wchar_t)cell->ch, 0};
	const cchar_t *line;
	cchar_t cc;

	attrs |= k.attrs & LOOK_BOLD ? A_BOLD : 0;
	attrs |= k.attrs & LOOK_DIM ? A_DIM : 0;
	attrs |= k.attrs & LOOK_REVERSE ? A_REVERSE : 0;
	attrs |= k.attrs & LOOK_UNDERLINE ? A_UNDERLINE : 0;
	line = t->glyphs == GLYPHS_LINES ? line_of(cell->ch) : NULL;
	if (line) {
		attr_set(attrs, pair, NULL);
		mvadd_wch(y, x, line);
		attr_set(0, 0, NULL);
		return;
	}
	setcchar(&cc, text, attrs, pair, NULL);
	mvadd_wch(y, x, &cc);
}

void term_flush(struct term *t, const struct canvas *c, int x, int y)
{
	int w = c->w < t->w ? c->w : t->w, h = c->h < t->h ? c->h : t->h;
	bool dirty = t->forgotten || x != t->cursor_x || y != t->cursor_y;

	if (t->forgotten) {
		clear();
		memset(t->front, 0xff, (size_t)t->w * (size_t)t->h *
			sizeof(*t->front));
	}
	for (int row = 0; row < h; row++) {
		for (int col = 0; col < w; col++) {
			const struct cell *now = &c->cells[row * c->w + col];
			struct cell *was = &t->front[row * t->w + col];

			if (now->ch == was->ch && now->style == was->style)
				continue;
			*was = *now;
			dirty = true;
			if (now->ch)
				put_cell(t, col, row, now);
		}
	}
	if (!dirty)
		return;
	if (x != t->cursor_x)
		curs_set(x >= 0);
	if (x >= 0)
		move(y, x);
	t->cursor_x = x;
	t->cursor_y = y;
	t->forgotten = false;
	refresh();
}

void term_suspend(struct term *t)
{
	endwin();
	raise(SIGTSTP);
	refresh();
	ask_size(t);
}

static void add_base64(struct str *out, const char *s, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)(uint8_t)s[i] << 16;

		v |= i + 1 < n ? (uint32_t)(uint8_t)s[i + 1] << 8 : 0;
		v |= i + 2 < n ? (uint8_t)s[i + 2] : 0;
		for (size_t k = 0; k < 4; k++)
			str_addc(out, i + k <= n
				? digits[v >> (18 - 6 * k) & 63] : '=');
	}
}

bool term_copy(struct term *t, const char *text)
{
	struct str s = STR_INIT;
	bool screen = term_is("screen"), ok;

	(void)t;
	if (term_is("vt") || term_is("linux") || term_is("ansi"))
		return false;
	str_add(&s, screen ? "\033P\033]52;c;" : "\033]52;c;");
	add_base64(&s, text, strlen(text));
	str_add(&s, screen ? "\a\033\\" : "\a");
	ok = write(STDOUT_FILENO, s.s, s.len) == (ssize_t)s.len;
	str_clear(&s);
	return ok;
}
