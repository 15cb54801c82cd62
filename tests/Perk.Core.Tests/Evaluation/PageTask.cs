using Perk.Core.Documents;
using Perk.Core.Models;
using Perk.Core.Tasks;

namespace Perk.Core.Tests.Evaluation;

/// <summary>Small pages about girls with balls; every third draw gives none.</summary>
internal sealed class PageTask(int? draws = null, int paragraphs = 2, bool twice = false) : IMemoryTask
{
    private static readonly string[] Girls = ["Lily", "Anna", "Mia", "Sue", "Zoe", "Amy", "Eva"];

    public string Name => "pages";

    public int? Draws => draws;

    public Draw Draw(int index)
    {
        if (index % 3 == 2) return Perk.Core.Tasks.Draw.None("every third");
        var told = twice ? index / 6 * 6 + index % 3 : index;
        var name = Girls[told % Girls.Length];
        var fact = $"{name} had {told + 2} red balls.";
        var text = string.Join("\n\n", Enumerable.Range(0, paragraphs).Select(i => i == 1 ? $"{fact} She was happy." : $"Once upon a time there was a girl named {name}. She lived by the river."));
        return Perk.Core.Tasks.Draw.Of(new Problem
        {
            Index = index,
            Context = text,
            Unit = SegmentUnit.Paragraph,
            ContextTokens = Gpt2Merges.Tokenizer.Count(text),
            Questions =
            [
                new ProblemQuestion
                {
                    Kind = "who", Text = "Who had red balls?", Answers = [name],
                    Support = [new SupportingFact(fact, text.IndexOf(fact, StringComparison.Ordinal), 0.5)],
                },
                new ProblemQuestion { Kind = "how-many", Text = $"How many red balls did {name} have?", Answers = [$"{told + 2}"] },
            ],
        });
    }

    public IReadOnlyList<GoldAnswer> TrainingAnswers() => [new("who", "Lily"), new("how-many", "2")];
}
