"""Explanations in sentences that can stand in a decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.allocation import targets
from fordela.models.errors import listed
from fordela.models.holdings import holdings
from fordela.models.instance import Instance
from fordela.models.norms import fulfilments
from fordela.models.result import Result
from fordela.report.proofs import engine_note, open_transfers, status_text
from fordela.report.terminal import given_note, notices
from fordela.report.texts import Words
from fordela.solver.explaining.facts import (
    CaseExplanation,
    Change,
    Cost,
    MunicipalityExplanation,
    Place,
)

#: Municipalities that are named in a list.
_NAMED = 8
#: Sentence by what a municipality answered.
_ANSWERS = {
    "more": "x_wishes_more", "less": "x_wishes_less", "keeps": "x_wishes_to_keep", None: "x_no_answer",
}  # fmt: skip


@dataclass(frozen=True)
class Sentences:
    """Writes explanations of one result in one language."""

    result: Result
    words: Words

    @property
    def instance(self) -> Instance:
        """The year."""
        return self.result.instance

    def case(self, made: CaseExplanation) -> Iterator[str]:
        """Explain a case."""
        w = self.words
        yield w("x_case_title", case=made.case.case, children=self._children(made.case.size),
                day=made.case.arrival)  # fmt: skip
        bearer, owner = self._name(made.bearer), self._name(made.owner)
        if made.given:
            yield w("x_given", bearer=bearer)
            return
        within = self.result.policy.assignment.kinship == "within-share"
        if made.case.tie is not None and made.kind != "kinship":
            yield w("x_tie_not_followed", name=self._name(made.case.tie))
        yield w("x_kinship_within" if within and made.kind == "kinship" else f"x_{made.kind}",
                bearer=bearer)  # fmt: skip
        if made.without_tie is not None:
            key = "x_without_tie_same" if made.without_tie == made.bearer else "x_without_tie"
            yield w(key, name=self._name(made.without_tie))
            return
        yield from self._line(made)
        if made.owner != made.bearer:
            yield w("x_borne", owner=owner, bearer=bearer)
        effective = self.result.policy.counting.mechanism == "effective-share"
        turn = made.bearer if effective else made.owner
        changes = [self._change("x_change", c, turn) for c in made.changes]
        if made.wanted is not None:
            changes += [self._change("x_wanted", c, made.wanted) for c in made.wanted_changes]
        yield from (c for c in changes if c)
        if any(changes):
            yield w("x_resolved")

    def case_of_optimum(self, bearer: str, title: CaseExplanation) -> Iterator[str]:
        """Explain a case in an optimum."""
        w = self.words
        yield w("x_case_title", case=title.case.case, children=self._children(title.case.size),
                day=title.case.arrival)  # fmt: skip
        if not bearer:
            yield w("x_unplaced")
        elif title.kind == "kinship":
            yield w("x_kinship", bearer=self._name(bearer))
        else:
            yield w("x_interchangeable", bearer=self._name(bearer))

    def _line(self, made: CaseExplanation) -> Iterator[str]:
        w = self.words
        if made.nobody_had_room:
            yield w("x_nobody_room")
        policy = self.result.policy
        if made.winner is not None:
            key = "x_winner_full" if made.nobody_had_room else "x_winner"
            yield w(key, **self._place(made.winner))
        if made.next_in_line is not None:
            yield w("x_next", **self._place(made.next_in_line), lead=self._cases(made.lead or 0))
        if made.winner is not None and policy.assignment.signpost != "before":
            yield w("x_midpoint" if policy.assignment.signpost == "midpoint" else "x_after")
        if policy.counting.mechanism == "effective-share" and made.kind == "equalising" and (
            self.result.transfers
        ):  # fmt: skip
            yield w("x_year_shares")
        if made.tied:
            tie = self.result.policy.assignment.tie
            yield w("x_tied", named=self._list(made.tied), tie=tie)
        if made.passed_over:
            yield w("x_passed", named=self._list(p.code for p in made.passed_over))

    def _place(self, place: Place) -> dict[str, object]:
        w = self.words
        return {
            "name": self._name(place.code),
            "credited": self._children(place.credited),
            "share": w.per_mille(place.share),
            "fulfilment": w.number(place.fulfilment, 4),
        }

    def _change(self, prefix: str, change: Change, code: str) -> str:
        """Say what change would have changed the outcome; nothing where none could be tried."""
        w = self.words
        if change.amount is None and not (change.less or change.more):
            return ""
        values: dict[str, object] = {"name": self._name(code)}
        if change.amount is None:
            numbers = [
                w.number(n) if change.what == "credited" else self.words.per_mille(n)
                for n in (change.more, change.less)
            ]
            one_way = "" if change.more and change.less else "_more" if change.more else "_less"
            key = f"x_tried_{change.what}{one_way}"
            values["tried"] = w(key, more=numbers[0], less=numbers[1])
            return w(f"{prefix}_none", **values)
        size = abs(change.amount)
        amount = self._children(size) if change.what == "credited" else self.words.per_mille(size)
        way = "up" if change.amount > 0 else "down"
        values["by"] = w(f"x_by_{change.what}_{way}", amount=amount, done=self._credited(size))
        if change.to is not None:
            values["to"] = self._name(change.to)
        return w(prefix, **values)

    def municipality(self, made: MunicipalityExplanation) -> Iterator[str]:
        """Explain a municipality."""
        w, result = self.words, self.result
        yield w("x_municipality_title", name=self._name(made.code), year=self.instance.year,
                policy=result.policy.name)  # fmt: skip
        yield from self._share(made.code)
        yield from self._wish(made.code)
        yield from self._borne(made.code)
        yield from self._standing(made)
        if result.policy.is_optimal:
            yield from self._room(made.code)
            levels = ", ".join(w.level(o.level) for o in result.objective)
            yield w("x_optimum", levels=levels, status=status_text(result, w))
            costs = [text for cost in made.costs for text in self._cost(cost)]
            yield from costs
            if costs:
                yield w("x_solved_again")
            return
        yield from self._in_line(made)
        vain = [change for _, change in made.changes if change.amount is None]
        changes = [  # what was tried in vain for more and for fewer is said once
            self._change(f"x_{'either' if vain.count(c) > 1 else name}", c, made.code)
            for name, c in made.changes
        ]
        yield from (said := list(dict.fromkeys(filter(None, changes))))
        if said:
            yield w("x_resolved")

    def _share(self, code: str) -> Iterator[str]:
        w = self.words
        k = list(self.instance.by_code).index(code)
        after = holdings(self.instance, self.result.transfers).effective[k]
        yield w("x_share", share=self.words.per_mille(self.instance.municipalities[k].share),
                after=self.words.per_mille(after))  # fmt: skip
        for t in self.result.transfers:
            if t.giver == code:
                yield w("x_hands", share=self.words.per_mille(t.share), name=self._name(t.receiver))
            if t.receiver == code:
                yield w("x_takes", share=self.words.per_mille(t.share), name=self._name(t.giver))
        own = self.instance.municipalities[k].share
        if after == 0:
            yield w("x_all_handed" if own else "x_no_turn")
        elif not own:
            yield w("x_holds")

    def _wish(self, code: str) -> Iterator[str]:
        """What a municipality wishes, keeping its share included; nothing where nobody was asked."""
        wanted = self.instance.wanted
        if wanted.answered:
            direction, units = wanted.of(code) or (None, 0)
            yield self.words(_ANSWERS[direction], share=self.words.per_mille(units))

    def _borne(self, code: str) -> Iterator[str]:
        w, counts = self.words, self.result.counts
        k = list(self.instance.by_code).index(code)
        parts = []
        for kind in ("kinship", "equalising", "willing", "valve"):
            n = getattr(counts, kind)[k]
            if n:
                parts.append(w(f"x_part_{kind}", n=w.number(n)))
            if n and kind == "equalising" and counts.on_transferred_share[k]:
                parts.append(w("x_part_transferred", n=w.number(counts.on_transferred_share[k])))
        if parts:
            yield w("x_bears", total=self._children(counts.total[k]), parts=", ".join(parts))
        else:
            yield w("x_bears_none")
        elsewhere = sum(
            a.owner == code and a.bearer != code for a in self.result.allocation.assignments
        )
        if elsewhere:
            yield w("x_borne_elsewhere", n=self._children(elsewhere))

    def _standing(self, made: MunicipalityExplanation) -> Iterator[str]:
        w, result = self.words, self.result
        k = list(self.instance.by_code).index(made.code)
        if made.rank is None:
            yield w("x_no_share")
            return
        goal = targets(self.instance, result.policy)[k]
        credited = result.counts.credited[k]
        day = self.instance.children[-1].arrival if self.instance.children else "–"
        basis = result.policy.counting.basis
        yield w(
            "x_standing" if basis == "history" else f"x_standing_{basis}", day=day,
            credited=self._children(credited), done=self._credited(credited),
            since=self.instance.counting_since,
            target=w.number(goal, 2), fulfilment=w.number(fulfilments([credited], [goal])[0], 4),
            rank=made.rank, ranked=made.ranked,
        )  # fmt: skip

    def _in_line(self, made: MunicipalityExplanation) -> Iterator[str]:
        w = self.words
        place = self.instance.by_code[made.code]
        if place.capacity is not None:
            capacity = w.number(place.capacity)
            if made.passed_over:
                yield w("x_capacity", capacity=capacity, n=w.number(made.passed_over))
            now = sum(children for *_, children in made.cases)
            if made.without_capacity not in (None, now):
                total = self._children(made.without_capacity or 0)
                yield w("x_without_capacity", capacity=capacity, total=total)
        if made.place is not None:
            yield w("x_in_line", place=made.place)
            if self.result.policy.assignment.rule == "willing-first" and not made.after_valve:
                yield w("x_willing_first")
        if made.until_next == 0:
            yield w("x_until_now")
        elif made.until_next is not None:
            yield w("x_until", n=w.number(made.until_next))

    def _room(self, code: str) -> Iterator[str]:
        """Whether a capacity is used up in an optimum."""
        k = list(self.instance.by_code).index(code)
        capacity = self.instance.municipalities[k].capacity
        if capacity is not None:
            full = self.result.counts.total[k] >= capacity
            key = "x_capacity_full" if full else "x_capacity_free"
            yield self.words(key, capacity=self.words.number(capacity))

    def _cost(self, cost: Cost) -> Iterator[str]:
        w, key = self.words, f"x_cost_{cost.what}"
        if not cost.levels:
            yield w(f"{key}_never" if cost.impossible else f"{key}_unknown")
            return
        if cost.first is None or cost.difference is None:
            yield w(f"{key}_none")
        else:
            sign = "+" if cost.difference > 0 else ""
            places = _places(cost.difference)
            level = w.level(cost.first)
            if cost.component is not None:
                level = w("x_component", level=level, place=cost.component)
            values: dict[str, object] = {
                "level": level,
                "difference": sign + w.number(cost.difference, places),
                "now": w.number(cost.now, places),
                "then": w.number(cost.then, places),
            }
            if cost.what == "share":
                values["children"] = self._children(cost.children or 0)
            yield w(key, **values)
        if not cost.proven:
            yield w("x_not_proven")

    def _children(self, n: int) -> str:
        if n == 1:
            return self.words("x_children_one")
        return self.words("x_children", n=self.words.number(n))

    def _credited(self, n: int) -> str:
        return self.words("x_credited_one" if n == 1 else "x_credited")

    def _cases(self, n: int) -> str:
        return self.words("x_cases_one") if n == 1 else self.words("x_cases", n=self.words.number(n))

    def _name(self, code: str) -> str:
        return f"{self.instance.by_code[code].name} ({code})"

    def _list(self, codes: Iterable[str]) -> str:
        return listed([self._name(c) for c in codes], _NAMED)

    def closing(self, said: Iterable[str]) -> list[str]:
        """What [O] is, if named, what of the transfers is not proven, and what holds for any figure."""
        source = [self.words("x_source")] if any("[O]" in sentence for sentence in said) else []
        open_ones = list(open_transfers(self.result, self.words))
        return [
            *source,
            *open_ones,
            *(engine_note(self.words, self.result.redistribution) if open_ones else ()),
            *given_note(self.result, self.words),
            " ".join(notices(self.instance, self.words)),
        ]


def _places(difference: Fraction) -> int:
    """Decimals that show a difference with two digits, four at least."""
    places = 4
    while abs(difference) * 10**places < 10 and places < 12:
        places += 1
    return places
