namespace Perk.Core.Tasks.BabiLong;

/// <summary>A question to be asked about a story.</summary>
/// <param name="Level">Gives its kind.</param>
/// <param name="Text">Its words.</param>
/// <param name="Story">The question of this story that it is; null where it is none.</param>
/// <param name="Answerability">Whether the context holds the answer.</param>
internal sealed record AskedQuestion(BabiLevel Level, string Text, StoryQuestion? Story, Answerability Answerability);

/// <summary>Chooses the questions about a context.</summary>
/// <param name="options">How many, and how many of them unknown.</param>
/// <param name="stories">Where questions about other documents come from.</param>
/// <param name="words">The words of all stories: who is asked about and does not occur is one of them too, or the name would tell.</param>
internal sealed class QuestionSlots(BabiLongOptions options, StorySource stories, WorldLists words)
{
    private const int OthersTried = 16;

    /// <summary>
    /// The story's own question first, then others that it answers; some replaced by unknown ones, as far as there are words that do
    /// not occur in the story.
    /// </summary>
    /// <param name="index">The draw.</param>
    /// <param name="story">Its story.</param>
    /// <param name="random">Where chance comes from.</param>
    internal List<AskedQuestion> Choose(int index, Story story, Random random)
    {
        // In the story's facts, not in the text around them: else a word that is common in prose could be asked about but never in vain.
        var told = story.Facts.SelectMany(f => (string[])[f.Agent, f.Target]).ToHashSet(StringComparer.Ordinal);
        var further = StoryReasoning.Questions(options.Level, story.Facts).Where(q => q.Text != story.Main.Text).ToList();
        var answerable = new Queue<StoryQuestion>([story.Main, .. random.PickDistinct(further, further.Count)]);
        var asked = new List<AskedQuestion>();
        // An unknown question takes the place of an answerable one: so their share is as asked.
        for (var slots = Math.Min(options.Questions, answerable.Count); asked.Count < slots;)
        {
            var unknown = options.Unknown.Draw(random) switch
            {
                Answerability.OtherDocument => OfOther(index, told, asked),
                Answerability.Unanswerable => AboutNobody(story, told, asked, random),
                _ => null,
            };
            asked.Add(unknown ?? Answerable(answerable.Dequeue()));
        }

        return asked;
    }

    private AskedQuestion Answerable(StoryQuestion question) =>
        new(options.Level, question.Text, question, Answerability.Answerable);

    private AskedQuestion? OfOther(int index, HashSet<string> told, List<AskedQuestion> asked)
    {
        for (var k = 1; k <= OthersTried; k++)
        {
            var other = stories[stories.Count is { } count ? (index + k) % count : unchecked(index + k)].Main;
            if (!told.Contains(other.Entity) && asked.TrueForAll(q => q.Text != other.Text))
                return new(options.Level, other.Text, null, Answerability.OtherDocument);
        }

        return null;
    }

    private AskedQuestion? AboutNobody(Story story, HashSet<string> told, List<AskedQuestion> asked, Random random)
    {
        var person = options.Level is BabiLevel.Qa1 or BabiLevel.Order;
        var moves = story.Facts.Where(f => f.Action == FactAction.Move);
        var places = moves.Select(f => f.Target).Distinct(StringComparer.Ordinal).ToList();
        var before = options.Level is BabiLevel.Qa3 or BabiLevel.Order ? random.Pick(places) : null;
        var candidates = person ? words.Names : words.Objects;
        foreach (var word in random.PickDistinct(candidates, candidates.Count))
        {
            var text = StoryQuestion.TextOf(options.Level, word, before);
            if (!told.Contains(word) && asked.TrueForAll(q => q.Text != text))
                return new(options.Level, text, null, Answerability.Unanswerable);
        }

        return null;
    }
}
