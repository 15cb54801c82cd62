using Perk.Core.Tasks;

namespace Perk.Core.Evaluation;

/// <summary>The control that has read nothing: the most frequent gold answer of training, per kind of question.</summary>
public sealed class BlindGuess
{
    /// <summary>The name of its rows.</summary>
    public const string Name = "blind";

    private readonly Dictionary<string, Frequencies> _kinds = new(StringComparer.Ordinal);
    private readonly Frequencies _all = new();

    /// <summary>Counts answers, alike when their normalised forms are.</summary>
    public BlindGuess(IEnumerable<GoldAnswer> training)
    {
        foreach (var answer in training)
        {
            if (!_kinds.TryGetValue(answer.Kind, out var kind)) _kinds.Add(answer.Kind, kind = new Frequencies());
            kind.Add(answer);
            _all.Add(answer);
        }
    }

    /// <summary>The guess for a question.</summary>
    /// <param name="kind">Its kind; of one that training does not show, the most frequent answer of all.</param>
    /// <param name="draw">The problem's draw, whose own answers do not count where training and test come from one file.</param>
    public string For(string kind, int draw) => _kinds.GetValueOrDefault(kind)?.Top(draw) ?? _all.Top(draw) ?? "";

    private sealed class Frequencies
    {
        private readonly Dictionary<string, (string First, int Count)> _total = new(StringComparer.Ordinal);
        private readonly Dictionary<int, List<string>> _own = [];

        public void Add(GoldAnswer answer)
        {
            var key = AnswerText.Normalise(answer.Answer);
            var (first, count) = _total.GetValueOrDefault(key, (answer.Answer, 0));
            _total[key] = (first, count + 1);
            if (answer.Draw is not { } draw) return;
            if (!_own.TryGetValue(draw, out var own)) _own.Add(draw, own = []);
            own.Add(key);
        }

        public string? Top(int draw)
        {
            var own = _own.GetValueOrDefault(draw)?.CountBy(key => key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal) ?? [];
            var best = _total
                .Select(t => (t.Key, t.Value.First, Count: t.Value.Count - own.GetValueOrDefault(t.Key)))
                .Where(t => t.Count > 0)
                .OrderByDescending(t => t.Count).ThenBy(t => t.Key, StringComparer.Ordinal)
                .FirstOrDefault();
            return best.First;
        }
    }
}
