namespace Perk.Core.Tasks.MultiDocument;

/// <summary>Decides which rows a draw asks: every row that can be answered belongs to one draw.</summary>
internal sealed class QuestionPlanner
{
    private readonly DocumentQuestion[] _rows;
    private readonly DocumentQuestion[] _impossible;
    private readonly MultiDocumentOptions _options;

    /// <summary>Puts the rows in a seeded order.</summary>
    /// <exception cref="ArgumentException">Unanswerable questions are wanted, but the set has none.</exception>
    internal QuestionPlanner(QuestionSet set, MultiDocumentOptions options, Random random)
    {
        _options = options;
        _rows = Order(set, random, set.Questions.Where(q => !q.Impossible));
        _impossible = Order(set, random, set.Questions.Where(q => q.Impossible));
        if (options.Unknown.Unanswerable > 0 && _impossible.Length == 0)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"A share of {options.Unknown.Unanswerable} unanswerable questions is not possible: {set.File} has none. ")
                + "Use 0, or a file with impossible questions such as SQuAD 2.");
        }
    }

    /// <summary>How many draws the rows make.</summary>
    internal int Draws => (_rows.Length + _options.Questions - 1) / _options.Questions;

    /// <summary>
    /// What a draw asks, before it is known what fits. There are fewer than wanted where every question about another document
    /// might be answered from this one.
    /// </summary>
    internal IReadOnlyList<PlannedQuestion> Plan(int draw, Random random)
    {
        var (first, end) = (draw * _options.Questions, Math.Min(_rows.Length, (draw + 1) * _options.Questions));
        var slots = new Answerability[end - first];
        var planned = new PlannedQuestion?[slots.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = _options.Unknown.Draw(random);
            if (slots[i] == Answerability.Answerable) planned[i] = new PlannedQuestion(_rows[first + i], slots[i]);
        }

        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] == Answerability.Unanswerable) Take(i, _impossible, first + i, _ => true);
        }

        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] == Answerability.OtherDocument) Take(i, _rows, end + i, place => place < first || place >= end);
        }

        return [.. planned.OfType<PlannedQuestion>()];

        // The first row from a place on, around the end, that none of the paragraphs needed so far may answer.
        void Take(int slot, DocumentQuestion[] rows, int start, Func<int, bool> suits)
        {
            Paragraph[] needed = [.. planned.OfType<PlannedQuestion>().SelectMany(p => p.Needed)];
            for (var i = 0; i < rows.Length; i++)
            {
                var place = (start + i) % rows.Length;
                var question = new PlannedQuestion(rows[place], slots[slot]);
                if (!suits(place) || planned.Any(p => p?.Row == question.Row) || question.MayBeAnsweredBy(needed)) continue;
                planned[slot] = question;
                return;
            }
        }
    }

    private static DocumentQuestion[] Order(QuestionSet set, Random random, IEnumerable<DocumentQuestion> rows)
    {
        DocumentQuestion[] all = [.. rows];
        if (!set.AsksByParagraph) return [.. random.PickDistinct(all, all.Length)];
        DocumentQuestion[][] groups = [.. all.GroupBy(r => r.Gold[0].Key, StringComparer.Ordinal).Select(g => g.ToArray())];
        return [.. random.PickDistinct(groups, groups.Length).SelectMany(g => random.PickDistinct(g, g.Length))];
    }
}
