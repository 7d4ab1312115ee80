/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Private to spread.c (what all ranks do), spread_frame.c (one frame), and what rank 0 does: spread_lead.c (its loop),
 * spread_read.c, spread_deal.c (who does what) and spread_settle.c (what comes back).
 */
#ifndef FORMATS_SPREAD_PARTS_H
#define FORMATS_SPREAD_PARTS_H

#include "formats/filter_parts.h"
#include "formats/text.h"

/* Kinds of letters: rank 0 to the first rank of a group, and back. */
enum { LETTER_WORK, LETTER_FORM, LETTER_STOP, LETTER_END, LETTER_DONE, LETTER_KEEP };

enum { STOP_FAILED = -1 }; /* run->stop: no signal, but nothing more is wanted */

/* Texts and blocks of what a frame has given; TABLE is the first of the tables. */
enum { ERROR, FRAME, LOG, KEEP, LEAVE, TABLE, PIECES = TABLE + SPREAD_TABLES };

struct outcome {
    enum status status;
    struct {
        void *p;
        size_t n;
    } piece[PIECES];
};

/* A frame, or what was met instead of one, in the order of the input. */
struct slot {
    long number;
    enum spread_need need;
    int parts, group;    /* -1: nobody has it yet */
    bool bad;            /* never was a frame: there is only an outcome, */
    bool reported, lost; /* said already; the rest of this input cannot be had */
    bool done;
    struct frame *frame;
    char *where; /* "file:line: frame N: " */
    struct outcome outcome;
};

struct group {
    struct slot *busy;
    long latest; /* place in the input of the last slot that it has had */
};

struct lead {
    struct slot **slot; /* [n], those whose turn has not come */
    int n, room;
    long first;   /* place in the input of slot[0] */
    int previous; /* the group that had the one before it; -1: none of the present ones */
    struct group *group;
    long read;              /* frames */
    int input;              /* inputs opened */
    bool ended;             /* nothing more to read */
    bool live;              /* an input may make us wait */
    bool formed, told, cut; /* groups; to stop; what follows is missing */
    bool news;              /* for the checkpoint */
    enum status status;
};

struct farm {
    int groups, each;   /* of ranks each */
    int group;          /* of this rank; `groups` where ranks are left over */
    struct ranks *mine; /* those of its group; NULL: alone */
    bool fresh;         /* the frame in work is SPREAD_FREE */
    bool wanted[SPREAD_TABLES];
    FILE *table[SPREAD_TABLES]; /* of rank 0 */
    struct text put;            /* what the frame in work has put */
    struct lead *lead;          /* of rank 0 */
};

/* One frame, by all of farm->mine; *o on the first of them. */
void spread_do(struct run *run, long number, struct frame *f, struct outcome *o);
void outcome_pass(struct outcome *o, struct checkpoint *c);
void outcome_free(struct outcome *o);
/* The text of a frame, into f. */
enum status spread_parse(const char *text, size_t n, struct frame *f, struct err *err);

bool spread_first(const struct run *run); /* of its group */
/* Groups of `each` = ranks / groups; by all ranks. */
void spread_regroup(struct run *run, int groups);
void spread_nap(void);

/* Rank 0: */
static inline struct lead *lead_of(const struct run *run)
{
    return run->farm->lead;
}
void lead_begin(struct run *run);
void lead_all(struct run *run);
enum status lead_end(struct run *run);
void lead_serve(struct run *run);
int lead_stop(struct run *run);

/* One more slot; wait: until there is one. False: none has come, or the end. */
bool lead_read(struct run *run, bool wait);
void lead_close_input(struct run *run);
void lead_slot_free(struct slot *s);
int lead_waiting(const struct lead *l); /* frames that nobody has yet */
bool lead_idle(const struct run *run);  /* no group is at work */

/* Groups, by all ranks: rank 0 has told the others. */
void lead_regroup(struct run *run, int groups);
/* Nobody is at work: as many groups as suit the frames at hand. */
void lead_form(struct run *run);
/* The slot that group k, which is idle, can do next; -1: none at the moment. */
int lead_candidate(struct run *run, int k);
/* Slot i to group k; whatever the other groups can do to them. */
void lead_hand(struct run *run, int k, int i);
void lead_deal(struct run *run);

struct checkpoint *lead_letter(int kind);
/* To all of group k, whose first rank is waiting for it; all groups: c is freed. */
void lead_tell(struct run *run, int k, struct checkpoint *c);
void lead_tell_all(struct run *run, struct checkpoint *c);

/* What has come from the other groups, to its slots; all slots whose turn has come, onto the output. */
void lead_take_letters(struct run *run);
void lead_settle_all(struct run *run);

#endif
