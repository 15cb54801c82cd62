namespace Perk.Core.Tasks.MultiDocument;

/// <summary>All different paragraphs of a set, with what each costs in a context.</summary>
internal sealed class ParagraphPool
{
    /// <summary>What stands between blocks.</summary>
    internal const string Separator = "\n\n";

    private readonly List<Paragraph> _paragraphs = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly int[] _costs;

    internal ParagraphPool(QuestionSet set)
    {
        foreach (var paragraph in set.Questions.SelectMany(q => q.Gold.Concat(q.Distractors)).Concat(set.Fillers))
        {
            if (_places.TryAdd(paragraph.Block, _paragraphs.Count)) _paragraphs.Add(paragraph);
        }

        _costs = new int[_paragraphs.Count];
    }

    /// <summary>How many there are.</summary>
    internal int Count => _paragraphs.Count;

    /// <summary>What the separator before the first block would cost: nothing that begins a word merges with it.</summary>
    internal static int SeparatorCost { get; } = ContextBuilder.Count(Separator + "a") - ContextBuilder.Count("a");

    /// <summary>A paragraph by its number.</summary>
    internal Paragraph this[int number] => _paragraphs[number];

    /// <summary>A paragraph's number.</summary>
    internal int NumberOf(Paragraph paragraph) => _places[paragraph.Block];

    /// <summary>Tokens of a block with the separator before it; counted once.</summary>
    internal int Cost(int number)
    {
        if (_costs[number] == 0) _costs[number] = ContextBuilder.Count(Separator + _paragraphs[number].Block);
        return _costs[number];
    }
}
