namespace Perk.Core.Tasks.BabiLong;

/// <summary>Tells stories as the original bAbI files do.</summary>
/// <remarks>
/// Measured there: after every second fact a question is asked if one of the last five facts changed somebody or something that
/// the facts answer a question about, and about a random one of them; a file's story ends with its fifth question. A story here
/// ends with one of the five at random, so that lengths and the distances of supporting facts come out as the files' (a test
/// compares them).
/// </remarks>
internal sealed class BabiSimulation(BabiLevel level, WorldLists lists, StorySize size)
{
    private const int QuestionsPerStory = 5;
    private const int FactsPerStep = 2;
    private const int RecentFacts = 5;
    private const int MostFacts = 1000; // The files' longest has 224; a very small world may never come to a question again.

    /// <summary>A story and its question.</summary>
    internal Story Tell(Random random)
    {
        for (var toSkip = random.Next(QuestionsPerStory); ; toSkip = 0)
        {
            if (TryTell(toSkip, random) is { } story) return story;
        }
    }

    private Story? TryTell(int toSkip, Random random)
    {
        var world = new BabiWorld(level, lists, size, random);
        var facts = new List<StoryFact>();
        while (facts.Count < MostFacts)
        {
            for (var i = 0; i < FactsPerStep; i++) facts.Add(world.Step());
            if (Ask(facts, random) is { } question && toSkip-- == 0) return new(facts, question);
        }

        return null;
    }

    private StoryQuestion? Ask(List<StoryFact> facts, Random random)
    {
        var changed = facts[^Math.Min(RecentFacts, facts.Count)..].Select(ChangedBy).OfType<string>().ToList();
        if (changed.Count == 0) return null;
        var questions = StoryReasoning.Questions(level, facts).ToLookup(q => q.Entity, StringComparer.Ordinal);
        changed.RemoveAll(e => !questions.Contains(e));
        return changed.Count == 0 ? null : random.Pick([.. questions[random.Pick(changed)]]);
    }

    private string? ChangedBy(StoryFact fact) => level is BabiLevel.Qa1 or BabiLevel.Order
        ? fact.Agent
        : fact.Action == FactAction.Move ? null : fact.Target;
}
