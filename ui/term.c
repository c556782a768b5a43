#include "ui/term.h"

#include "src/base/clock.h"
#include "src/base/crash.h"
#include "ui/clipboard.h"
#include "ui/front.h"
#include "ui/tty.h"

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
#include <sys/mman.h>
#include <unistd.h>

#include <curses.h>

#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

struct term {
	bool mouse; /* its clicks are sent here, and select no text */
	struct tty tty;
	SCREEN *screen;
	FILE *made; /* what ncurses writes goes into memory, and from there on */
	enum glyphs glyphs;
	enum scheme scheme;
	struct front front;
	int w, h;
	int cursor_x, cursor_y;
	bool forgotten;
};

#define LEAVE_MS 700 /* for the last bytes, and the answers still to come */

/* For a crash, whose hook can reach nothing else. */
static struct {
	struct termios modes;
	char reset[128];
	size_t reset_n;
	volatile sig_atomic_t armed, mouse;
	bool hooked;
} rescue;

static void on_crash(void)
{
	if (!rescue.armed)
		return;
	rescue.armed = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
	if (rescue.mouse && write(STDOUT_FILENO, MOUSE_OFF, strlen(MOUSE_OFF)) < 0)
		_exit(1);
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

	if (ioctl(t->tty.fd, TIOCGWINSZ, &ws) || !ws.ws_col || !ws.ws_row)
		ws = (struct winsize){.ws_col = (unsigned short)COLS,
			.ws_row = (unsigned short)LINES};
	t->w = ws.ws_col < 1000 ? ws.ws_col : 1000;
	t->h = ws.ws_row < 1000 ? ws.ws_row : 1000;
	if (t->w != COLS || t->h != LINES)
		resizeterm(t->h, t->w);
	front_resize(&t->front, t->w, t->h);
	term_forget(t);
}

/* Moves on what ncurses has made; the bytes. */
static size_t pass_on(struct term *t)
{
	int fd = fileno(t->made);
	off_t n = lseek(fd, 0, SEEK_CUR);
	char *bytes;

	if (n <= 0)
		return 0;
	bytes = xmalloc((size_t)n);
	n = pread(fd, bytes, (size_t)n, 0);
	lseek(fd, 0, SEEK_SET);
	if (n > 0)
		tty_send(&t->tty, bytes, (size_t)n);
	free(bytes);
	return n > 0 ? (size_t)n : 0;
}

static struct err *no_terminal(const char *why)
{
	const char *name = getenv("TERM");

	return err_new(ERR_INVALID, "terminal type \"%s\" %s; \"weir status\" "
		"prints the same as text", name ? name : "", why);
}

/* A screen of ncurses, which writes into memory. */
static struct err *make_screen(struct term *t)
{
	int fd = memfd_create("weir-screen", MFD_CLOEXEC);
	const char *cup;

	t->made = fd >= 0 ? fdopen(fd, "w+") : NULL;
	if (!t->made) {
		if (fd >= 0)
			close(fd);
		return err_sys(errno, "memory for the screen");
	}
	t->screen = newterm(NULL, t->made, stdin);
	cup = t->screen ? tigetstr("cup") : NULL;
	if (cup && cup != (char *)-1)
		return NULL;
	if (t->screen) {
		endwin();
		delscreen(t->screen);
	}
	fclose(t->made);
	return no_terminal("cannot place text");
}

static void learn_keys(struct tty *tty)
{
	static const struct {
		const char *capability;
		int key;
	} keys[] = {{"kcuu1", K_UP}, {"kcud1", K_DOWN}, {"kcub1", K_LEFT},
		{"kcuf1", K_RIGHT}, {"kpp", K_PAGE_UP}, {"knp", K_PAGE_DOWN},
		{"khome", K_HOME}, {"kend", K_END}, {"kdch1", K_DELETE},
		{"kcbt", K_BACK_TAB}, {"kbs", K_BACKSPACE}, {"kent", K_ENTER},
		{"kf1", K_F1}, {"kf2", K_F2}, {"kf3", K_F3}};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *s = tigetstr(keys[i].capability);

		if (s != (char *)-1)
			keyseq_learn(&tty->seq, s, keys[i].key);
	}
}

/* Those that know the question for the cursor know the one we ask. */
static bool answers(void)
{
	const char *u7 = tigetstr("u7");

	return u7 && u7 != (char *)-1 && !strcmp(u7, "\033[6n");
}

static void set_modes(struct term *t, enum color color, bool ascii)
{
	signal(SIGTSTP, SIG_DFL); /* term_suspend() does what ncurses' does */
	t->scheme = choose_scheme(color);
	t->glyphs = choose_glyphs(ascii);
	nonl();
	keypad(stdscr, TRUE);
	idlok(stdscr, TRUE);
	define_pairs(t);
	curs_set(0);
	t->cursor_x = -1;
}

struct err *term_open(struct term **out, enum color color, bool ascii)
{
	struct term *t;
	struct err *e;

	*out = NULL;
	setlocale(LC_CTYPE, "");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_new(ERR_INVALID, "the console needs a terminal; "
			"\"weir status\" prints the same as text");
	t = XNEW(struct term);
	tcgetattr(STDIN_FILENO, &rescue.modes);
	e = make_screen(t);
	if (!e && !tty_open(&t->tty, answers())) {
		endwin();
		delscreen(t->screen);
		fclose(t->made);
		e = no_terminal("cannot be opened");
	}
	if (e) {
		free(t);
		return e;
	}
	learn_keys(&t->tty);
	set_modes(t, color, ascii);
	arm_rescue();
	ask_size(t);
	*out = t;
	return NULL;
}

/* What was asked is answered before others read; a dead line has its end. */
static void leave_screen(struct term *t)
{
	endwin();
	pass_on(t);
	tty_settle(&t->tty, LEAVE_MS);
}

void term_close(struct term *t, const char *farewell)
{
	struct str last = STR_INIT;

	if (!t)
		return;
	term_mouse(t, false);
	endwin();
	pass_on(t);
	/* Not for stdio, which would wait for a terminal that takes nothing. */
	if (farewell) {
		str_printf(&last, "%s\r\n", farewell);
		tty_send(&t->tty, last.s, last.len);
		str_clear(&last);
	}
	tty_settle(&t->tty, LEAVE_MS);
	rescue.armed = 0;
	tty_close(&t->tty);
	delscreen(t->screen);
	fclose(t->made);
	front_clear(&t->front);
	free(t);
}

int term_fd(const struct term *t)
{
	return t->tty.fd;
}

short term_events(const struct term *t)
{
	return t->tty.out.len ? POLLIN | POLLOUT : POLLIN;
}

int term_timeout(const struct term *t)
{
	return tty_timeout(&t->tty);
}

bool term_step(struct term *t)
{
	tty_step(&t->tty);
	return !t->tty.lost;
}

int term_key(struct term *t)
{
	return tty_key(&t->tty);
}

bool term_has_room(const struct term *t)
{
	return tty_room(&t->tty) > 0;
}

bool term_is_idle(const struct term *t)
{
	return !t->tty.out.len &&
		pace_is_idle(&t->tty.pace, clock_mono_ms());
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

static void place_cursor(struct term *t, int x, int y)
{
	if (x != t->cursor_x)
		curs_set(x >= 0);
	if (x >= 0)
		move(y, x);
	t->cursor_x = x;
	t->cursor_y = y;
}

/* Rows, as many as fit; true when none is left. */
static bool send_rows(struct term *t, const struct canvas *c, size_t room)
{
	bool all = room == SIZE_MAX || front_fits(&t->front, c, room);
	int y;

	while ((y = front_next(&t->front, c)) >= 0) {
		for (int x = 0; x < t->w; x++) {
			const struct cell *cell = &c->cells[y * c->w + x];

			if (front_take(&t->front, c, x, y) && cell->ch)
				put_cell(t, x, y, cell);
		}
		if (all)
			continue;
		refresh();
		if (lseek(fileno(t->made), 0, SEEK_CUR) >= (off_t)room)
			return false;
	}
	return true;
}

bool term_flush(struct term *t, const struct canvas *c, int x, int y)
{
	size_t room = tty_room(&t->tty);
	bool all;

	if (!room || c->w != t->w || c->h != t->h)
		return false;
	if (t->forgotten) {
		clear();
		front_forget(&t->front);
		t->forgotten = false;
	}
	front_note(&t->front, c);
	all = send_rows(t, c, room);
	place_cursor(t, x, y);
	refresh();
	pass_on(t);
	return all;
}

void term_suspend(struct term *t)
{
	bool mouse = t->mouse;

	term_mouse(t, false);
	leave_screen(t);
	tty_cooked(&t->tty);
	raise(SIGTSTP);
	tty_raw(&t->tty);
	refresh();
	ask_size(t);
	term_mouse(t, mouse);
}

/* Those that know one say so in terminfo; what they send is xterm's mode 1006. */
bool term_mouse(struct term *t, bool on)
{
	const char *kmous = tigetstr("kmous");

	if (on && (!kmous || kmous == (char *)-1 || !*kmous))
		return false;
	if (on != t->mouse)
		tty_send(&t->tty, on ? MOUSE_ON : MOUSE_OFF,
			on ? strlen(MOUSE_ON) : strlen(MOUSE_OFF));
	t->mouse = on;
	rescue.mouse = on;
	return true;
}

bool term_mouse_is_on(const struct term *t)
{
	return t->mouse;
}

void term_bell(struct term *t)
{
	tty_send(&t->tty, "\a", 1);
}

bool term_copy(struct term *t, const char *text)
{
	struct str s = STR_INIT;

	if (term_is("vt") || term_is("linux") || term_is("ansi"))
		return false;
	clipboard_sequence(&s, text, multiplexer_of(getenv("TERM"), getenv("TMUX"),
		getenv("STY")));
	tty_send(&t->tty, s.s, s.len);
	str_clear(&s);
	return true;
}
