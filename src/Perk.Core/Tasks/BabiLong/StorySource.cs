namespace Perk.Core.Tasks.BabiLong;

/// <summary>The story of each draw: simulated, or of a file in random order.</summary>
internal sealed class StorySource
{
    private readonly Func<int, Random> _random;
    private readonly BabiSimulation? _simulation;
    private readonly BabiFile? _file;
    private readonly List<int> _order = [];

    /// <summary>Takes stories from the options' file, or simulates them.</summary>
    /// <param name="options">Valid ones.</param>
    /// <param name="split">Whose random numbers.</param>
    /// <param name="lists">The words of a simulation.</param>
    internal StorySource(BabiLongOptions options, TaskSplit split, WorldLists lists)
    {
        var stream = $"{BabiLongTask.NameOf(options.Level)}/story";
        _random = index => TaskRandom.For(stream, split, options.Seed, index);
        _file = options.File;
        if (_file is null)
            _simulation = new(options.Level, lists, new(options.NamesPerStory, options.PlacesPerStory, options.ObjectsPerStory));
        else
            _order = Shuffle(_file.Count, TaskRandom.For($"{stream}/order", split, options.Seed, 0));
    }

    /// <summary>How many there are; null for no end.</summary>
    internal int? Count => _file?.Count;

    /// <summary>A draw's story.</summary>
    internal Story this[int index]
    {
        get
        {
            var random = _random(index);
            if (_simulation is not null) return _simulation.Tell(random);
            var story = _file!.Stories[_order[index]];
            return story.UpTo(random.Next(story.Questions.Count));
        }
    }

    /// <summary>Every answer of the file, with its story's draw.</summary>
    internal IEnumerable<GoldAnswer> FileAnswers() =>
        from draw in Enumerable.Range(0, _order.Count)
        from asked in _file!.Stories[_order[draw]].Questions
        select new GoldAnswer(StoryQuestion.KindOf(asked.Question.Level), asked.Question.Answer, draw);

    private static List<int> Shuffle(int count, Random random) => random.PickDistinct([.. Enumerable.Range(0, count)], count);
}
